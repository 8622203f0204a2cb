{{ config(materialized='table') }}

-- What workloads have of their nodes by the day: each pod in each interval what it requests, or uses if that is more;
-- or what it uses alone. These weights stay as they are when idle and overhead are shared out.
with

overhead as (
    select distinct
        intervals.namespace,
        intervals.usage_date
    from {{ ref('pod_intervals') }} as intervals
    inner join {{ ref('overhead_namespaces') }} as patterns
        on
            intervals.namespace glob patterns.namespace_pattern
            and intervals.usage_date >= patterns.valid_from
            and intervals.usage_date < coalesce(patterns.valid_to, date '9999-12-31')
),

pods as (
    select
        intervals.*,
        {{ node_weight(
            'greatest(intervals.cpu_requested_core_seconds, intervals.cpu_used_core_seconds)',
            'greatest(intervals.memory_requested_byte_seconds, intervals.memory_used_byte_seconds)',
            'weights.gib_per_core'
        ) }} as allocated_weight,
        {{ node_weight(
            'intervals.cpu_used_core_seconds', 'intervals.memory_used_byte_seconds', 'weights.gib_per_core'
        ) }} as used_weight
    from {{ ref('pod_intervals') }} as intervals
    inner join {{ ref('cluster_weights') }} as weights
        on intervals.cluster = weights.cluster and intervals.usage_date = weights.usage_date
)

select
    pods.cluster,
    pods.node,
    pods.usage_date,
    pods.namespace,
    pods.workload,
    pods.tenant,
    bool_or(overhead.namespace is not null) as is_overhead,
    count(distinct pods.pod) as pod_count,
    cast(sum(pods.cpu_requested_core_seconds) as {{ decimal_type() }}) as cpu_requested_core_seconds,
    cast(sum(pods.cpu_used_core_seconds) as {{ decimal_type() }}) as cpu_used_core_seconds,
    cast(sum(pods.memory_requested_byte_seconds) as {{ decimal_type() }}) as memory_requested_byte_seconds,
    cast(sum(pods.memory_used_byte_seconds) as {{ decimal_type() }}) as memory_used_byte_seconds,
    cast(sum(pods.allocated_weight) as hugeint) as allocated_weight,
    cast(sum(pods.used_weight) as hugeint) as used_weight
from pods
left join overhead on pods.namespace = overhead.namespace and pods.usage_date = overhead.usage_date
group by pods.cluster, pods.node, pods.usage_date, pods.namespace, pods.workload, pods.tenant
