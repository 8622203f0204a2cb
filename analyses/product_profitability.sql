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
        sum(value) filter (where metric = 'transactions') as transaction_count
    from metric_values
    group by cast(date_trunc('month', metric_date) as date), product
),

products as (
    select
        coalesce(costs.billing_period, volumes.billing_period) as billing_period,
        coalesce(costs.product, volumes.product) as product,
        costs.effective_cost_reporting,
        costs.charges_without_rate,
        volumes.revenue_reporting,
        volumes.transaction_count,
        volumes.revenue_reporting - coalesce(costs.effective_cost_reporting, 0) as margin_reporting
    from costs
    full outer join volumes on costs.billing_period = volumes.billing_period and costs.product = volumes.product
)

select
    billing_period,
    product,
    revenue_reporting,
    effective_cost_reporting,
    margin_reporting,
    round({{ exact_ratio('100 * margin_reporting', 'revenue_reporting') }}, 2) as margin_percent,
    transaction_count,
    {{ exact_ratio('effective_cost_reporting', 'transaction_count') }} as cost_per_transaction,
    coalesce(charges_without_rate, 0) as charges_without_rate
from products
order by billing_period, product
