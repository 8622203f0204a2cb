-- Of owners that are charged, not shown; within a cost centre nothing is booked. What is billed counts, so that the
-- books of all cost centres still sum to the vendors' invoices.
with

passed_on as (
    select
        lines_of.statement_id,
        lines_of.billing_period,
        receiver.cost_center as debit_cost_center,
        sender.cost_center as credit_cost_center,
        lines_of.rule_id,
        lines_of.currency,
        sum(lines_of.billed_amount) as amount,
        bool_or(lines_of.is_estimated) as is_estimated
    from {{ ref('fct_chargeback_statements') }} as lines_of
    inner join {{ ref('owner_details') }} as receiver on lines_of.owner = receiver.owner
    inner join {{ ref('owner_details') }} as sender on lines_of.source_owner = sender.owner
    where lines_of.line_kind = 'passed_on' and receiver.charging_mode = 'chargeback'
    group by
        lines_of.statement_id, lines_of.billing_period, receiver.cost_center, sender.cost_center, lines_of.rule_id,
        lines_of.currency
)

select
    cast(md5(concat_ws('|', statement_id, debit_cost_center, credit_cost_center, rule_id)) as uuid) as transfer_id,
    statement_id,
    billing_period,
    debit_cost_center,
    credit_cost_center,
    rule_id,
    cast(amount as {{ decimal_type() }}) as amount,
    currency,
    is_estimated
from passed_on
where debit_cost_center != credit_cost_center and amount != 0
