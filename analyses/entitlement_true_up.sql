-- What does each contract include, what was used of it, what does the rest cost, and what was invoiced for it?
with

positions as (
    select
        positions.*,
        meters.sku_id
    from {{ ref('fct_entitlement_positions') }} as positions
    inner join {{ ref('meters') }} as meters on positions.meter_id = meters.meter_id
),

invoiced as (
    select
        positions.position_id,
        sum(lines_of.quantity) as invoiced_quantity,
        sum(lines_of.amount_owed) as invoiced_amount
    from positions
    inner join {{ ref('fct_invoice_lines') }} as lines_of
        on
            positions.direction = lines_of.direction
            and positions.account_id = lines_of.account_id
            and positions.sku_id = lines_of.sku_id
            and positions.currency = lines_of.currency
            and positions.period_start <= lines_of.billing_period
            and positions.period_end > lines_of.billing_period
    group by positions.position_id
)

select
    positions.direction,
    positions.contract_id,
    positions.account_id,
    positions.meter_id,
    positions.period,
    positions.period_start,
    positions.status,
    positions.entitled_quantity,
    positions.used_quantity,
    positions.late_quantity,
    positions.overage_quantity,
    positions.consequence,
    positions.overage_amount,
    positions.included_amount + positions.overage_amount as due_amount,
    invoiced.invoiced_quantity,
    invoiced.invoiced_amount,
    invoiced.invoiced_amount - positions.included_amount - positions.overage_amount as invoiced_less_due,
    positions.currency
from positions
left join invoiced on positions.position_id = invoiced.position_id
order by
    positions.period_start asc, positions.overage_amount desc, positions.contract_id asc, positions.account_id asc,
    positions.meter_id asc, positions.period asc
