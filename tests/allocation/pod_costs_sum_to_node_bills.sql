{{ config(tags=['law']) }}
-- Guards against node cost that pods do not carry, or carry twice: per cluster, day and currency, both costs on both
-- bases equal the bill of the cluster's nodes, to the last decimal.
with

billed as (
    select
        cluster,
        usage_date,
        billing_currency as currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('billed_nodes') }}
    group by cluster, usage_date, billing_currency
),

carried as (
    select
        cluster,
        usage_date,
        currency,
        sum(allocated_billed_cost) as allocated_billed_cost,
        sum(allocated_effective_cost) as allocated_effective_cost,
        sum(used_billed_cost) as used_billed_cost,
        sum(used_effective_cost) as used_effective_cost
    from {{ ref('fct_pod_costs') }}
    group by cluster, usage_date, currency
)

select
    billed.*,
    carried.allocated_billed_cost,
    carried.allocated_effective_cost,
    carried.used_billed_cost,
    carried.used_effective_cost
from billed
full outer join carried
    on
        billed.cluster = carried.cluster
        and billed.usage_date = carried.usage_date
        and billed.currency = carried.currency
where
    carried.allocated_billed_cost is distinct from billed.billed_cost
    or carried.used_billed_cost is distinct from billed.billed_cost
    or carried.allocated_effective_cost is distinct from billed.effective_cost
    or carried.used_effective_cost is distinct from billed.effective_cost
