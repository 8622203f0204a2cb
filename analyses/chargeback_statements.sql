-- What does each team owe for each month, own and passed on, against its budget, and is it charged or only told?
select
    statements.billing_period,
    statements.currency,
    statements.owner,
    statements.cost_center,
    statements.charging_mode,
    statements.own_amount,
    statements.passed_on_amount,
    statements.effective_amount,
    statements.estimated_amount,
    statements.budget_amount,
    statements.budget_left_amount,
    statements.budget_left_amount < 0 as is_over_budget,
    statements.disputed_amount,
    statements.statement_id
from {{ ref('fct_statement_totals') }} as statements
order by statements.billing_period asc, statements.currency asc, statements.effective_amount desc
