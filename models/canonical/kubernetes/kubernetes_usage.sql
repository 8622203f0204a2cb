{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(partitions_of('kubernetes_pods')) }}",
        "{{ narrow('files', 'file_id', ref('usage_partition_files'), partitions_of('kubernetes_pods')) }}",
    ],
    post_hook="reset variable narrowed_files",
) }}

-- depends_on: {{ ref('usage_partitions') }}
with

changed_files as (
    select * from {{ ref('usage_partition_files') }}
    where {{ is_changed_partition(partitions_of('kubernetes_pods')) }}
)

select
    files.feed as cluster,
    pods.namespace,
    pods.pod,
    pods.node,
    pods.resource_id,
    pods.labels,
    pods.usage_date,
    pods.usage_start,
    pods.usage_end,
    pods.cpu_used_core_seconds,
    pods.cpu_requested_core_seconds,
    pods.cpu_limit_core_seconds,
    pods.memory_used_byte_seconds,
    pods.memory_requested_byte_seconds,
    pods.memory_limit_byte_seconds,
    pods.node_cpu_cores,
    pods.node_cpu_core_seconds,
    pods.node_memory_bytes,
    pods.node_memory_byte_seconds,
    pods.file_id,
    pods.file_row,
    files.partition_id,
    files.partition_version
from {{ ref('stg_kubernetes__pods') }} as pods
inner join changed_files as files
    on pods.file_id = files.file_id and pods.usage_date = files.billing_period
left join {{ ref('record_twins') }} as twins
    on twins.source = 'kubernetes_pods' and pods.file_id = twins.file_id and pods.file_row = twins.file_row
where twins.file_row is null
