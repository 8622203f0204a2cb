-- Keys that have no other side, nor one in the month beside them: what rules may match after all.
with

names as (
    select
        sku_id,
        min(known_sku_id) as canonical_sku_id
    from {{ ref('known_skus') }}
    group by sku_id
    having count(distinct known_sku_id) = 1
),

one_sided as (
    select
        *,
        case when billed_rows = 0 then 'expected' else 'billed' end as side
    from {{ ref('matched_keys') }}
    where
        charge_kind in ('usage', 'fee', 'recurring')
        and (
            (billed_rows = 0 and unpriced_rows = 0 and expected_amount != 0)
            or (
                billed_rows > 0 and used_rows = 0 and unknown_rows = 0 and surplus_amount = 0
                and billed_amount != 0 and expected_amount = 0
            )
        )
)

select
    leftovers.diff_id as row_id,
    leftovers.side,
    leftovers.direction,
    leftovers.counterparty,
    leftovers.billing_period,
    leftovers.account_id,
    leftovers.sku_id,
    coalesce(names.canonical_sku_id, leftovers.sku_id) as canonical_sku_id,
    leftovers.resource_id,
    leftovers.charge_kind,
    leftovers.unit,
    leftovers.currency,
    leftovers.invoice_id,
    leftovers.usage_date as usage_at,
    case when leftovers.side = 'billed' then leftovers.billed_quantity else leftovers.expected_quantity end as quantity,
    case when leftovers.side = 'billed' then leftovers.billed_amount else leftovers.expected_amount end as amount,
    leftovers.price_source
from one_sided as leftovers
anti join {{ ref('paired_keys') }} as paired on leftovers.diff_id = paired.diff_id
left join names on leftovers.sku_id = names.sku_id
