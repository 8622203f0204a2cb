{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(partitions_of('opencost_allocations')) }}",
        "{{ narrow('files', 'file_id', ref('usage_partition_files'), partitions_of('opencost_allocations')) }}",
    ],
    post_hook="reset variable narrowed_files",
) }}

-- depends_on: {{ ref('usage_partitions') }}
with

changed_files as (
    select * from {{ ref('usage_partition_files') }}
    where {{ is_changed_partition(partitions_of('opencost_allocations')) }}
)

select
    coalesce(allocations.cluster, files.feed) as cluster,
    allocations.allocation_name,
    allocations.node,
    allocations.namespace,
    allocations.controller_kind,
    allocations.controller,
    allocations.pod,
    allocations.container,
    allocations.resource_id,
    allocations.labels,
    allocations.usage_date,
    allocations.usage_start,
    allocations.usage_end,
    allocations.minutes,
    allocations.cpu_requested_cores,
    allocations.cpu_used_cores,
    allocations.cpu_core_hours,
    allocations.gpu_hours,
    allocations.memory_requested_bytes,
    allocations.memory_used_bytes,
    allocations.memory_byte_hours,
    allocations.volume_byte_hours,
    allocations.network_sent_bytes,
    allocations.network_received_bytes,
    allocations.cpu_cost + coalesce(allocations.cpu_adjustment, 0) as cpu_cost,
    allocations.gpu_cost + coalesce(allocations.gpu_adjustment, 0) as gpu_cost,
    allocations.memory_cost + coalesce(allocations.memory_adjustment, 0) as memory_cost,
    allocations.volume_cost + coalesce(allocations.volume_adjustment, 0) as volume_cost,
    allocations.network_cost + coalesce(allocations.network_adjustment, 0) as network_cost,
    allocations.load_balancer_cost
    + coalesce(allocations.load_balancer_adjustment, 0) as load_balancer_cost,
    allocations.external_cost,
    allocations.shared_cost,
    allocations.total_cost,
    allocations.currency,
    allocations.file_id,
    allocations.file_row,
    files.partition_id,
    files.partition_version
from {{ ref('stg_kubernetes__allocations') }} as allocations
inner join changed_files as files
    on allocations.file_id = files.file_id and allocations.usage_date = files.billing_period
left join {{ ref('record_twins') }} as twins
    on
        twins.source = 'opencost_allocations'
        and allocations.file_id = twins.file_id
        and allocations.file_row = twins.file_row
where twins.file_row is null
