-- A vendor's month is matched anew when any of its partitions was priced anew.
select
    concat_ws('|', 'payable', profiles.provider, profiles.billing_period) as partition_id,
    'payable' as direction,
    profiles.provider as counterparty,
    profiles.billing_period,
    md5(concat_ws(
        '|', profiles.provider, profiles.billing_period,
        string_agg(distinct pricing.partition_version, ',' order by pricing.partition_version)
    )) as partition_version
from {{ ref('charges_profile') }} as profiles
inner join {{ ref('pricing_partitions') }} as pricing on profiles.partition_id = pricing.partition_id
group by profiles.provider, profiles.billing_period
