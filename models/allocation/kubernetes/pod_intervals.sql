-- What pods of all clusters requested and used, whatever reports of them, with the workload that they belong to. All is
-- by the second that a pod was there, so that a short-lived one counts for no more.
with

containers as (
    select
        *,
        cast(minutes as decimal(16, 6)) * 60 as seconds
    from {{ ref('opencost_costs') }}
    where node is not null and pod is not null
),

reported as (
    select
        cluster,
        node,
        namespace,
        pod,
        coalesce(
            {{ json_text('labels', 'app_kubernetes_io_name') }},
            {{ json_text('labels', 'app') }},
            regexp_replace(pod, '(-[0-9a-f]{6,10})?-[0-9a-z]{5,10}$|-[0-9]+$', '')
        ) as workload,
        labels,
        usage_date,
        usage_start,
        usage_end,
        cpu_requested_core_seconds,
        cpu_used_core_seconds,
        memory_requested_byte_seconds,
        memory_used_byte_seconds
    from {{ ref('kubernetes_usage') }}
    where node is not null
    union all
    -- a pod has a row for each of its containers
    select
        cluster,
        node,
        namespace,
        pod,
        coalesce(max(controller), pod) as workload,
        max(labels) as labels,
        usage_date,
        usage_start,
        usage_end,
        cast(sum(cast(cpu_requested_cores as decimal(18, 6)) * seconds) as {{ decimal_type() }})
            as cpu_requested_core_seconds,
        cast(sum(cast(cpu_used_cores as decimal(18, 6)) * seconds) as {{ decimal_type() }}) as cpu_used_core_seconds,
        cast(sum(cast(memory_requested_bytes as decimal(20, 3)) * seconds) as {{ decimal_type() }})
            as memory_requested_byte_seconds,
        cast(sum(cast(memory_used_bytes as decimal(20, 3)) * seconds) as {{ decimal_type() }})
            as memory_used_byte_seconds
    from containers
    group by cluster, node, namespace, pod, usage_date, usage_start, usage_end
)

select
    reported.cluster,
    reported.node,
    reported.namespace,
    reported.pod,
    reported.workload,
    tenants.tenant,
    reported.usage_date,
    reported.usage_start,
    reported.usage_end,
    coalesce(reported.cpu_requested_core_seconds, 0) as cpu_requested_core_seconds,
    coalesce(reported.cpu_used_core_seconds, 0) as cpu_used_core_seconds,
    coalesce(reported.memory_requested_byte_seconds, 0) as memory_requested_byte_seconds,
    coalesce(reported.memory_used_byte_seconds, 0) as memory_used_byte_seconds
from reported
left join {{ ref('label_tenants') }} as tenants on reported.labels = tenants.labels
