with source as (
    select * from {{ source('raw', 'opencost_allocations') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('name') }} as allocation_name,
    {{ raw_text('properties.cluster') }} as cluster,
    {{ raw_text('properties.node') }} as node,
    {{ raw_text('properties.namespace') }} as namespace,
    {{ raw_text('properties.controllerKind') }} as controller_kind,
    {{ raw_text('properties.controller') }} as controller,
    {{ raw_text('properties.pod') }} as pod,
    {{ raw_text('properties.container') }} as container,
    {{ raw_text('properties.providerID') }} as resource_id,

    -- attributes
    coalesce({{ raw_text('properties.labels') }}, '{}') as labels,

    -- quantities
    {{ raw_decimal('minutes') }} as minutes,
    {{ raw_decimal('cpuCoreRequestAverage') }} as cpu_requested_cores,
    {{ raw_decimal('cpuCoreUsageAverage') }} as cpu_used_cores,
    {{ raw_decimal('cpuCoreHours') }} as cpu_core_hours,
    {{ raw_decimal('gpuHours') }} as gpu_hours,
    {{ raw_decimal('ramByteRequestAverage') }} as memory_requested_bytes,
    {{ raw_decimal('ramByteUsageAverage') }} as memory_used_bytes,
    {{ raw_decimal('ramByteHours') }} as memory_byte_hours,
    {{ raw_decimal('pvByteHours') }} as volume_byte_hours,
    {{ raw_decimal('networkTransferBytes') }} as network_sent_bytes,
    {{ raw_decimal('networkReceiveBytes') }} as network_received_bytes,

    -- amounts
    {{ raw_decimal('cpuCost') }} as cpu_cost,
    {{ raw_decimal('cpuCostAdjustment') }} as cpu_adjustment,
    {{ raw_decimal('gpuCost') }} as gpu_cost,
    {{ raw_decimal('gpuCostAdjustment') }} as gpu_adjustment,
    {{ raw_decimal('ramCost') }} as memory_cost,
    {{ raw_decimal('ramCostAdjustment') }} as memory_adjustment,
    {{ raw_decimal('pvCost') }} as volume_cost,
    {{ raw_decimal('pvCostAdjustment') }} as volume_adjustment,
    {{ raw_decimal('networkCost') }} as network_cost,
    {{ raw_decimal('networkCostAdjustment') }} as network_adjustment,
    {{ raw_decimal('loadBalancerCost') }} as load_balancer_cost,
    {{ raw_decimal('loadBalancerCostAdjustment') }} as load_balancer_adjustment,
    {{ raw_decimal('externalCost') }} as external_cost,
    {{ raw_decimal('sharedCost') }} as shared_cost,
    {{ raw_decimal('totalCost') }} as total_cost,
    'USD' as currency,

    -- times
    cast({{ raw_timestamp('start') }} as date) as usage_date,
    {{ raw_timestamp('start') }} as usage_start,
    coalesce({{ raw_timestamp('end') }}, {{ raw_timestamp('start') }} + interval 1 day) as usage_end
from source
