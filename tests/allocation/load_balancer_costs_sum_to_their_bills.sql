{{ config(tags=['law']) }}
-- Guards against cost of clusters' load balancers that is left out or counted for two services: per load balancer, day
-- and currency, both costs equal the bill, to the last decimal.
with

billed as (
    select
        provider,
        resource_id,
        usage_date,
        billing_currency as currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('resource_days') }}
    where resource_id in (select made.resource_id from {{ ref('load_balancers') }} as made)
    group by provider, resource_id, usage_date, billing_currency
),

carried as (
    select
        provider,
        resource_id,
        usage_date,
        currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('fct_load_balancer_costs') }}
    group by provider, resource_id, usage_date, currency
)

select
    billed.*,
    carried.billed_cost as carried_billed_cost,
    carried.effective_cost as carried_effective_cost
from billed
full outer join carried
    on
        billed.provider = carried.provider
        and billed.resource_id = carried.resource_id
        and billed.usage_date = carried.usage_date
        and billed.currency = carried.currency
where
    carried.billed_cost is distinct from billed.billed_cost
    or carried.effective_cost is distinct from billed.effective_cost
