{{ config(materialized='view') }}

-- Idle and overhead of each cluster, split to the last decimal over those who take a share of them.
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
    ref('pool_shares'),
    split='cluster, usage_date, billing_currency, basis, pool',
    ties='resource_id asc, namespace asc nulls last, workload asc nulls last, tenant asc nulls last'
) }}
