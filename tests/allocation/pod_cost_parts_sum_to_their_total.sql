{{ config(tags=['law']) }}
-- Guards against a part of a workload's cost that its total does not hold, or holds twice.
select
    cluster,
    resource_id,
    usage_date,
    namespace,
    workload,
    tenant
from {{ ref('fct_pod_costs') }}
where
    allocated_billed_cost != allocated_pod_billed_cost + allocated_idle_billed_cost + allocated_overhead_billed_cost
    or allocated_effective_cost
    != allocated_pod_effective_cost + allocated_idle_effective_cost + allocated_overhead_effective_cost
    or used_billed_cost != used_pod_billed_cost + used_idle_billed_cost + used_overhead_billed_cost
    or used_effective_cost != used_pod_effective_cost + used_idle_effective_cost + used_overhead_effective_cost
