with

used as (
    select
        cluster,
        node,
        usage_start,
        max(usage_end) as usage_end,
        max(resource_id) as resource_id,
        max(node_cpu_cores) as cpu_cores,
        max(node_cpu_core_seconds) as cpu_core_seconds,
        max(node_memory_bytes) as memory_bytes,
        max(node_memory_byte_seconds) as memory_byte_seconds,
        cast(sum(cpu_used_core_seconds) as {{ decimal_type() }}) as cpu_used_core_seconds,
        cast(sum(memory_used_byte_seconds) as {{ decimal_type() }}) as memory_used_byte_seconds,
        count(*) as pod_count
    from {{ ref('kubernetes_usage') }}
    where node is not null
    group by cluster, node, usage_start
),

listed as (
    select
        files.feed as cluster,
        nodes.node,
        nodes.usage_start,
        nodes.usage_end,
        nodes.labels
    from {{ ref('stg_kubernetes__nodes') }} as nodes
    inner join {{ ref('usage_partition_files') }} as files
        on nodes.file_id = files.file_id and nodes.usage_date = files.billing_period
    left join {{ ref('record_twins') }} as twins
        on twins.source = 'kubernetes_nodes' and nodes.file_id = twins.file_id and nodes.file_row = twins.file_row
    where twins.file_row is null
)

select
    coalesce(used.cluster, listed.cluster) as cluster,
    coalesce(used.node, listed.node) as node,
    coalesce(used.usage_start, listed.usage_start) as usage_start,
    coalesce(used.usage_end, listed.usage_end) as usage_end,
    used.resource_id,
    listed.labels,
    used.cpu_cores,
    used.cpu_core_seconds,
    used.memory_bytes,
    used.memory_byte_seconds,
    coalesce(used.cpu_used_core_seconds, 0) as cpu_used_core_seconds,
    coalesce(used.memory_used_byte_seconds, 0) as memory_used_byte_seconds,
    coalesce(used.pod_count, 0) as pod_count
from used
full outer join listed
    on used.cluster = listed.cluster and used.node = listed.node and used.usage_start = listed.usage_start
