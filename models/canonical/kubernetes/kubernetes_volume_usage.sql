{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(partitions_of('kubernetes_volumes')) }}",
        "{{ narrow('files', 'file_id', ref('usage_partition_files'), partitions_of('kubernetes_volumes')) }}",
    ],
    post_hook="reset variable narrowed_files",
) }}

-- depends_on: {{ ref('usage_partitions') }}
with

changed_files as (
    select * from {{ ref('usage_partition_files') }}
    where {{ is_changed_partition(partitions_of('kubernetes_volumes')) }}
)

select
    files.feed as cluster,
    volumes.namespace,
    volumes.pod,
    volumes.node,
    volumes.volume_claim,
    volumes.volume,
    volumes.resource_id,
    volumes.storage_class,
    volumes.driver,
    volumes.volume_labels,
    volumes.claim_labels,
    volumes.usage_date,
    volumes.usage_start,
    volumes.usage_end,
    volumes.capacity_bytes,
    volumes.capacity_byte_seconds,
    volumes.requested_byte_seconds,
    volumes.used_byte_seconds,
    volumes.file_id,
    volumes.file_row,
    files.partition_id,
    files.partition_version
from {{ ref('stg_kubernetes__volumes') }} as volumes
inner join changed_files as files
    on volumes.file_id = files.file_id and volumes.usage_date = files.billing_period
left join {{ ref('record_twins') }} as twins
    on twins.source = 'kubernetes_volumes' and volumes.file_id = twins.file_id and volumes.file_row = twins.file_row
where twins.file_row is null
