-- What workloads cost by the day: their own part of the node, and their shares of what its cluster has idle and for
-- itself, on both bases.
with

parts as (
    select *
    from {{ ref('node_parts') }}
    where pool = 'pod'
    union all by name
    select *
    from {{ ref('pool_parts') }}
),

summed as (
    select
        cluster,
        resource_id,
        usage_date,
        billing_currency,
        namespace,
        workload,
        tenant,
        {{ sum_where('billed_cost', "basis = 'allocated' and pool = 'pod'") }} as allocated_pod_billed_cost,
        {{ sum_where('billed_cost', "basis = 'allocated' and pool = 'idle'") }} as allocated_idle_billed_cost,
        {{ sum_where('billed_cost', "basis = 'allocated' and pool = 'overhead'") }} as allocated_overhead_billed_cost,
        {{ sum_where('effective_cost', "basis = 'allocated' and pool = 'pod'") }} as allocated_pod_effective_cost,
        {{ sum_where('effective_cost', "basis = 'allocated' and pool = 'idle'") }} as allocated_idle_effective_cost,
        {{ sum_where('effective_cost', "basis = 'allocated' and pool = 'overhead'") }}
            as allocated_overhead_effective_cost,
        {{ sum_where('billed_cost', "basis = 'used' and pool = 'pod'") }} as used_pod_billed_cost,
        {{ sum_where('billed_cost', "basis = 'used' and pool = 'idle'") }} as used_idle_billed_cost,
        {{ sum_where('billed_cost', "basis = 'used' and pool = 'overhead'") }} as used_overhead_billed_cost,
        {{ sum_where('effective_cost', "basis = 'used' and pool = 'pod'") }} as used_pod_effective_cost,
        {{ sum_where('effective_cost', "basis = 'used' and pool = 'idle'") }} as used_idle_effective_cost,
        {{ sum_where('effective_cost', "basis = 'used' and pool = 'overhead'") }} as used_overhead_effective_cost
    from parts
    group by cluster, resource_id, usage_date, billing_currency, namespace, workload, tenant
)

select
    *,
    allocated_pod_billed_cost + allocated_idle_billed_cost + allocated_overhead_billed_cost
        as allocated_billed_cost,
    allocated_pod_effective_cost + allocated_idle_effective_cost + allocated_overhead_effective_cost
        as allocated_effective_cost,
    used_pod_billed_cost + used_idle_billed_cost + used_overhead_billed_cost
        as used_billed_cost,
    used_pod_effective_cost + used_idle_effective_cost + used_overhead_effective_cost
        as used_effective_cost
from summed
