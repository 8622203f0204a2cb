-- Keys that one side alone has, or that our metering saw no use of, close enough to a boundary of their period. A key
-- knows its day, not its hour: within 72 h is a day that lies whole in the three days before or after the boundary.
with

boundaries as (
    select
        *,
        case
            when usage_date >= billing_period - interval 3 day and usage_date < billing_period + interval 3 day
                then billing_period
            when
                usage_date >= billing_period + interval 1 month - interval 3 day
                and usage_date < billing_period + interval 1 month + interval 3 day
                then cast(billing_period + interval 1 month as date)
        end as boundary
    from {{ ref('matched_keys') }}
    where (billed_rows = 0 or used_rows = 0) and unpriced_rows = 0 and direction = 'payable'
),

near as (
    select * from boundaries
    where boundary is not null
)

select
    billed.direction,
    billed.counterparty,
    billed.account_id,
    billed.sku_id,
    billed.resource_id,
    billed.charge_kind,
    billed.unit,
    billed.currency,
    billed.boundary,
    billed.diff_id as billed_diff_id,
    expected.diff_id as expected_diff_id,
    billed.billing_period as billed_period,
    billed.usage_date as billed_date,
    expected.billing_period as expected_period,
    expected.usage_date as expected_date,
    abs(billed.usage_date - expected.usage_date) as gap_days,
    expected.price_source,
    expected.expected_amount
from near as billed
inner join near as expected
    on
        billed.direction = expected.direction
        and billed.counterparty = expected.counterparty
        and billed.account_id = expected.account_id
        and billed.charge_kind = expected.charge_kind
        and billed.currency = expected.currency
        and billed.boundary = expected.boundary
        and billed.billing_period != expected.billing_period
        and billed.sku_id is not distinct from expected.sku_id
        and billed.unit is not distinct from expected.unit
        and billed.resource_id is not distinct from expected.resource_id
inner join {{ ref('tolerances') }} as tolerances
    on
        billed.direction = tolerances.direction
        and expected.billing_period >= tolerances.valid_from
        and expected.billing_period < coalesce(tolerances.valid_to, date '9999-12-31')
where
    billed.used_rows = 0
    and billed.billed_rows > 0
    and expected.billed_rows = 0
    and abs(billed.billed_quantity - expected.expected_quantity)
    <= {{ exact_product('abs(expected.expected_quantity)', 'cast(tolerances.percent * 0.01 as decimal(38, 18))') }}
