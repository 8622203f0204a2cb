-- The last day of a budget's term is the day before period_end.
select
    budget_id,
    owner,
    product,
    period_start,
    period_end,
    burn_date,
    burn_date = least(period_end - 1, cast({{ as_of() }} as date)) as is_latest,
    cast({{ as_of() }} as date) < period_end as is_running,
    budget_amount,
    day_cost,
    spent_amount,
    cast(budget_amount - spent_amount as {{ decimal_type() }}) as left_amount,
    {{ exact_ratio('100 * spent_amount', 'budget_amount') }} as spent_percent,
    {{ exact_ratio('100 * (burn_date - period_start + 1)', 'period_end - period_start') }} as elapsed_percent,
    currency
from {{ ref('budget_days') }}
