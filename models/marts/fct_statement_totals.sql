-- Against a month's part of a budget, by days. A dispute of a statement names it.
with

statements as (
    select
        statement_id,
        billing_period,
        owner,
        currency,
        count(*) as line_count,
        sum(billed_amount) as billed_amount,
        sum(effective_amount) as effective_amount,
        coalesce(sum(effective_amount) filter (where line_kind = 'own'), 0) as own_amount,
        coalesce(sum(effective_amount) filter (where line_kind = 'passed_on'), 0) as passed_on_amount,
        coalesce(sum(effective_amount) filter (where is_estimated), 0) as estimated_amount
    from {{ ref('fct_chargeback_statements') }}
    group by statement_id, billing_period, owner, currency
),

budgets as (
    select
        statements.statement_id,
        sum({{ prorated(
            'budgets.amount',
            whole_units_between(
                'greatest(budgets.period_start, statements.billing_period)',
                'least(budgets.period_end, statements.billing_period + interval 1 month)', 'day'
            ),
            whole_units_between('budgets.period_start', 'budgets.period_end', 'day')
        ) }}) as budget_amount
    from statements
    inner join {{ ref('stg_budgets__budgets') }} as budgets
        on
            statements.owner = budgets.owner
            and statements.currency = budgets.currency
            and statements.billing_period + interval 1 month > budgets.period_start
            and statements.billing_period < budgets.period_end
    group by statements.statement_id
),

disputes as (
    select
        subject_id as statement_id,
        string_agg(dispute_id, ', ' order by opened_at, dispute_id) as dispute_ids,
        sum(claimed_amount) filter (where outcome = 'open') as disputed_amount
    from {{ ref('disputes') }}
    where kind = 'allocation'
    group by subject_id
)

select
    statements.statement_id,
    statements.billing_period,
    statements.owner,
    directory.cost_center,
    coalesce(directory.charging_mode, 'showback') as charging_mode,
    directory.approver,
    statements.line_count,
    cast(statements.billed_amount as {{ decimal_type() }}) as billed_amount,
    cast(statements.effective_amount as {{ decimal_type() }}) as effective_amount,
    cast(statements.own_amount as {{ decimal_type() }}) as own_amount,
    cast(statements.passed_on_amount as {{ decimal_type() }}) as passed_on_amount,
    cast(statements.estimated_amount as {{ decimal_type() }}) as estimated_amount,
    cast(budgets.budget_amount as {{ decimal_type() }}) as budget_amount,
    cast(budgets.budget_amount - statements.effective_amount as {{ decimal_type() }}) as budget_left_amount,
    disputes.dispute_ids,
    cast(coalesce(disputes.disputed_amount, 0) as {{ decimal_type() }}) as disputed_amount,
    statements.currency,
    closed.closed_at
from statements
left join {{ ref('owner_details') }} as directory on statements.owner = directory.owner
left join budgets on statements.statement_id = budgets.statement_id
left join disputes on statements.statement_id = disputes.statement_id
left join {{ ref('closed_periods') }} as closed
    on closed.direction = 'internal' and statements.billing_period = closed.billing_period
