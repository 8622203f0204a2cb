{{ config(materialized='view') }}

-- Budgets by the day, up to today: what the day cost and what is spent since the budget began.
with

budgets as (
    select *
    from {{ ref('stg_budgets__budgets') }}
    qualify row_number() over (partition by budget_id, period_start order by file_id, file_row) = 1
),

days as (
    select
        *,
        unnest(generate_series(
            period_start, least(period_end - 1, cast({{ as_of() }} as date)), interval 1 day
        )) as moment
    from budgets
),

costed as (
    select
        days.budget_id,
        days.owner,
        days.product,
        days.period_start,
        days.period_end,
        days.amount as budget_amount,
        days.currency,
        cast(days.moment as date) as burn_date,
        cast(sum(coalesce(scopes.effective_cost, 0)) as {{ decimal_type() }}) as day_cost
    from days
    left join {{ ref('budget_scopes') }} as scopes
        on
            cast(days.moment as date) = scopes.charge_date
            and days.currency = scopes.currency
            and days.owner is not distinct from scopes.owner
            and days.product is not distinct from scopes.product
    group by
        days.budget_id, days.owner, days.product, days.period_start, days.period_end, days.amount, days.currency,
        days.moment
)

select
    *,
    cast(sum(day_cost) over so_far as {{ decimal_type() }}) as spent_amount
from costed
window so_far as (partition by budget_id, period_start order by burn_date)
