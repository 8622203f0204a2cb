-- What does each customer cost and bring in, month by month, and how much of the cost is measured?
with

costs as (
    select
        billing_period,
        currency,
        coalesce(customer, tenant) as customer,
        sum(effective_cost) as effective_cost,
        sum(estimated_cost) as estimated_cost
    from {{ ref('fct_tenant_costs') }}
    where tenant != 'no tenant'
    group by billing_period, currency, coalesce(customer, tenant)
),

customers as (
    select
        account_id,
        min(customer) as customer
    from {{ ref('stg_accounts__accounts') }}
    group by account_id
),

revenues as (
    select
        invoiced.billing_period,
        invoiced.currency,
        coalesce(customers.customer, invoiced.recipient) as customer,
        sum(invoiced.amount_owed) as revenue
    from {{ ref('fct_invoice_lines') }} as invoiced
    left join customers on invoiced.account_id = customers.account_id
    where invoiced.direction = 'receivable' and invoiced.line_kind not in ('tax', 'credit')
    group by invoiced.billing_period, invoiced.currency, coalesce(customers.customer, invoiced.recipient)
)

select
    coalesce(costs.billing_period, revenues.billing_period) as billing_period,
    coalesce(costs.currency, revenues.currency) as currency,
    coalesce(costs.customer, revenues.customer) as customer,
    coalesce(revenues.revenue, 0) as revenue,
    coalesce(costs.effective_cost, 0) as effective_cost,
    coalesce(costs.estimated_cost, 0) as estimated_cost,
    coalesce(revenues.revenue, 0) - coalesce(costs.effective_cost, 0) as margin
from costs
full outer join revenues
    on
        costs.billing_period = revenues.billing_period
        and costs.currency = revenues.currency
        and costs.customer = revenues.customer
order by billing_period asc, currency asc, margin asc
