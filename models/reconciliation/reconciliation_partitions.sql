-- A vendor's month is reconciled anew when any of its partitions was priced anew, or any of the month before or
-- after it: what is unmatched here may be matched across the boundary there.
with

priced as (
    select
        'payable' as direction,
        profiles.provider as counterparty,
        profiles.billing_period,
        string_agg(distinct pricing.partition_version, ',' order by pricing.partition_version) as versions
    from {{ ref('charges_profile') }} as profiles
    inner join {{ ref('pricing_partitions') }} as pricing on profiles.partition_id = pricing.partition_id
    group by profiles.provider, profiles.billing_period
)

select
    concat_ws('|', priced.direction, priced.counterparty, priced.billing_period) as partition_id,
    priced.direction,
    priced.counterparty,
    priced.billing_period,
    md5(concat_ws(
        '|', priced.versions, coalesce(month_before.versions, '-'), coalesce(month_after.versions, '-')
    )) as partition_version
from priced
left join priced as month_before
    on
        priced.direction = month_before.direction
        and priced.counterparty = month_before.counterparty
        and priced.billing_period - interval 1 month = month_before.billing_period
left join priced as month_after
    on
        priced.direction = month_after.direction
        and priced.counterparty = month_after.counterparty
        and priced.billing_period + interval 1 month = month_after.billing_period
