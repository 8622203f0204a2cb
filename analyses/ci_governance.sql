-- What do builds cost per repository and branch a month, and which repositories are over their budget?
with

branches as (
    select
        billing_period,
        currency as billing_currency,
        repository,
        branch,
        min(owner) as owner,
        sum(build_minutes) as build_minutes,
        sum(effective_cost) as effective_cost
    from {{ ref('fct_build_costs') }}
    group by billing_period, currency, repository, branch
),

budgets as (
    select
        product as repository,
        currency as billing_currency,
        cast(date_trunc('month', period_start) as date) as billing_period,
        sum(budget_amount) as budget_amount
    from {{ ref('fct_budget_burn') }}
    where is_latest and product is not null
    group by product, currency, date_trunc('month', period_start)
),

compared as (
    select
        branches.*,
        sum(branches.effective_cost) over (
            partition by branches.billing_period, branches.billing_currency, branches.repository
        ) as repository_cost,
        budgets.budget_amount
    from branches
    left join budgets
        on
            branches.billing_period = budgets.billing_period
            and branches.billing_currency = budgets.billing_currency
            and branches.repository = budgets.repository
)

select
    billing_period,
    billing_currency,
    repository,
    branch,
    owner,
    build_minutes,
    effective_cost,
    repository_cost,
    budget_amount,
    round({{ exact_ratio('100 * repository_cost', 'budget_amount') }}, 2) as budget_used_percent,
    case
        when budget_amount is null then 'no_budget'
        when repository_cost > budget_amount then 'over_budget'
        else 'within_budget'
    end as budget_status
from compared
order by billing_period asc, repository_cost desc, repository asc, effective_cost desc, branch asc
