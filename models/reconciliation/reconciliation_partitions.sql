-- A vendor's month is matched anew when any of its partitions was priced anew, a month of customers also when an
-- invoice changed, and both when the month becomes final.
with

priced as (
    select
        concat_ws('|', 'payable', profiles.provider, profiles.billing_period) as partition_id,
        'payable' as direction,
        profiles.provider as counterparty,
        profiles.billing_period,
        pricing.partition_version as contents
    from {{ ref('charges_profile') }} as profiles
    inner join {{ ref('pricing_partitions') }} as pricing on profiles.partition_id = pricing.partition_id
    union
    select
        concat_ws('|', 'receivable', billing_period) as partition_id,
        'receivable' as direction,
        null as counterparty,
        billing_period,
        partition_version as contents
    from {{ ref('expected_partitions') }}
    where direction = 'receivable'
    union all
    select
        concat_ws('|', 'receivable', billing_period) as partition_id,
        'receivable' as direction,
        null as counterparty,
        billing_period,
        cast(bit_xor(hash(invoice_line_id, account_id, sku_id, line_kind, quantity, amount_owed, currency)) as varchar)
            as contents
    from {{ ref('invoice_lines') }}
    where direction = 'receivable'
    group by billing_period
)

select
    priced.partition_id,
    priced.direction,
    priced.counterparty,
    priced.billing_period,
    coalesce(any_value(periods.final_at) <= {{ as_of() }}, false) as is_final,
    md5(concat_ws(
        '|', priced.partition_id, string_agg(priced.contents, ',' order by priced.contents),
        coalesce(any_value(periods.final_at) <= {{ as_of() }}, false)
    )) as partition_version
from priced
left join {{ ref('closed_periods') }} as periods
    on priced.direction = periods.direction and priced.billing_period = periods.billing_period
group by priced.partition_id, priced.direction, priced.counterparty, priced.billing_period
