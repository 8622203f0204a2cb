with source as (
    select * from {{ source('raw', 'kubernetes_volumes') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('namespace') }} as namespace,
    {{ raw_text('pod') }} as pod,
    {{ raw_text('node') }} as node,
    {{ raw_text('persistentvolumeclaim') }} as volume_claim,
    {{ raw_text('persistentvolume') }} as volume,
    {{ raw_text('csi_volume_handle') }} as resource_id,

    -- attributes
    {{ raw_text('storageclass') }} as storage_class,
    {{ raw_text('csi_driver') }} as driver,
    {{ label_map('persistentvolume_labels') }} as volume_labels,
    {{ label_map('persistentvolumeclaim_labels') }} as claim_labels,

    -- quantities
    {{ raw_decimal('persistentvolumeclaim_capacity_bytes') }} as capacity_bytes,
    {{ raw_decimal('persistentvolumeclaim_capacity_byte_seconds') }} as capacity_byte_seconds,
    {{ raw_decimal('volume_request_storage_byte_seconds') }} as requested_byte_seconds,
    {{ raw_decimal('persistentvolumeclaim_usage_byte_seconds') }} as used_byte_seconds,

    -- times
    cast({{ raw_timestamp('interval_start') }} as date) as usage_date,
    {{ raw_timestamp('interval_start') }} as usage_start,
    {{ exclusive_end('interval_end') }} as usage_end
from source
