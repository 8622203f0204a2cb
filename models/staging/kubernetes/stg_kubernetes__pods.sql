with source as (
    select * from {{ source('raw', 'kubernetes_pods') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('namespace') }} as namespace,
    {{ raw_text('pod') }} as pod,
    {{ raw_text('node') }} as node,
    {{ raw_text('resource_id') }} as resource_id,

    -- attributes
    {{ label_map('pod_labels') }} as labels,

    -- quantities
    {{ raw_decimal('pod_usage_cpu_core_seconds') }} as cpu_used_core_seconds,
    {{ raw_decimal('pod_request_cpu_core_seconds') }} as cpu_requested_core_seconds,
    {{ raw_decimal('pod_limit_cpu_core_seconds') }} as cpu_limit_core_seconds,
    {{ raw_decimal('pod_usage_memory_byte_seconds') }} as memory_used_byte_seconds,
    {{ raw_decimal('pod_request_memory_byte_seconds') }} as memory_requested_byte_seconds,
    {{ raw_decimal('pod_limit_memory_byte_seconds') }} as memory_limit_byte_seconds,
    {{ raw_decimal('node_capacity_cpu_cores') }} as node_cpu_cores,
    {{ raw_decimal('node_capacity_cpu_core_seconds') }} as node_cpu_core_seconds,
    {{ raw_decimal('node_capacity_memory_bytes') }} as node_memory_bytes,
    {{ raw_decimal('node_capacity_memory_byte_seconds') }} as node_memory_byte_seconds,

    -- times
    cast({{ raw_timestamp('interval_start') }} as date) as usage_date,
    {{ raw_timestamp('interval_start') }} as usage_start,
    {{ exclusive_end('interval_end') }} as usage_end
from source
