-- How many seats or agents are paid for, how many of them report, and what do those cost that do not?
with

positions as (
    select
        positions.*,
        meters.sku_id,
        meters.unit
    from {{ ref('fct_entitlement_positions') }} as positions
    inner join {{ ref('meters') }} as meters on positions.meter_id = meters.meter_id
    where meters.aggregation in ('max', 'latest', 'unique_count') and positions.period = 'month'
),

paid as (
    select
        direction,
        account_id,
        sku_id,
        billing_period,
        currency,
        sum(quantity) as quantity,
        sum(amount_owed) as amount
    from {{ ref('fct_invoice_lines') }}
    where line_kind in ('usage', 'recurring') and not is_void
    group by direction, account_id, sku_id, billing_period, currency
)

select
    positions.period_start as billing_period,
    positions.direction,
    positions.contract_id,
    positions.account_id,
    positions.meter_id,
    positions.unit,
    positions.entitled_quantity,
    paid.quantity as paid_quantity,
    positions.used_quantity as active_quantity,
    greatest(paid.quantity - positions.used_quantity, 0) as inactive_quantity,
    greatest(positions.used_quantity - coalesce(paid.quantity, positions.entitled_quantity), 0) as unpaid_quantity,
    paid.amount as paid_amount,
    {{ prorated(
        'paid.amount', 'greatest(paid.quantity - positions.used_quantity, 0)', 'nullif(paid.quantity, 0)'
    ) }} as inactive_amount,
    positions.currency,
    positions.status
from positions
left join paid
    on
        positions.direction = paid.direction
        and positions.account_id = paid.account_id
        and positions.sku_id = paid.sku_id
        and positions.period_start = paid.billing_period
        and positions.currency = paid.currency
order by
    positions.period_start asc, inactive_amount desc, positions.contract_id asc, positions.account_id asc,
    positions.meter_id asc
