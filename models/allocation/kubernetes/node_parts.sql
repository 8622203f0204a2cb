{{ config(materialized='table') }}

-- The cost of each node, split to the last decimal over those who have it.
select
    cluster,
    resource_id,
    usage_date,
    billing_currency,
    basis,
    pool,
    namespace,
    workload,
    tenant,
    billed_cost,
    effective_cost
from {{ cost_parts(
    ref('node_shares'),
    split='cluster, resource_id, usage_date, billing_currency, basis',
    ties='namespace asc nulls last, workload asc nulls last, tenant asc nulls last'
) }}
