-- What does each product earn and cost a month, and what does one of its transactions cost?
with

charges as (
    select * from {{ ref('fct_charges') }}
    where product is not null
),

metric_values as (
    select * from {{ ref('stg_business_metrics__metric_values') }}
    where product is not null and metric in ('revenue', 'transactions')
),

costs as (
    select
        billing_period,
        product,
        sum(effective_cost_reporting) as effective_cost_reporting,
        count(*) - count(effective_cost_reporting) as charges_without_rate
    from charges
    group by billing_period, product
),

volumes as (
    select
        cast(date_trunc('month', metric_date) as date) as billing_period,
        product,
        sum(value) filter (where metric = 'revenue') as revenue_reporting,
        sum(value) filter (where metric = 'transactions') as transactions
    from metric_values
    group by cast(date_trunc('month', metric_date) as date), product
),

products as (
    select
        billing_period,
        product,
        costs.effective_cost_reporting,
        costs.charges_without_rate,
        volumes.revenue_reporting,
        volumes.transactions,
        volumes.revenue_reporting - coalesce(costs.effective_cost_reporting, 0) as margin_reporting
    from costs
    full outer join volumes using (billing_period, product)
)

select
    billing_period,
    product,
    revenue_reporting,
    effective_cost_reporting,
    margin_reporting,
    {{ exact_ratio('100 * margin_reporting', 'revenue_reporting') }} as margin_percent,
    transactions,
    {{ exact_ratio('effective_cost_reporting', 'transactions') }} as cost_per_transaction,
    coalesce(charges_without_rate, 0) as charges_without_rate
from products
order by billing_period, product
