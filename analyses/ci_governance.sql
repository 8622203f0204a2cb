-- What do builds cost per repository and branch a month, and which repositories are over their budget?
with

builds as (
    select
        *,
        {{ json_text('tags', 'repository') }} as repository,
        {{ json_text('tags', 'branch') }} as branch
    from {{ ref('fct_charges') }}
),

branches as (
    select
        billing_period,
        billing_currency,
        repository,
        branch,
        min(owner) as owner,
        sum(consumed_quantity) filter (where lower(consumed_unit) in ('minute', 'minutes', 'min')) as build_minutes,
        sum(effective_cost) as effective_cost
    from builds
    where repository is not null
    group by billing_period, billing_currency, repository, branch
),

budgets as (
    select
        product as repository,
        currency as billing_currency,
        cast(date_trunc('month', period_start) as date) as billing_period,
        sum(amount) as budget_amount
    from {{ ref('stg_budgets__budgets') }}
    where product is not null
    group by product, currency, cast(date_trunc('month', period_start) as date)
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
