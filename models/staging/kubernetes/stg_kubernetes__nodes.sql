with source as (
    select * from {{ source('raw', 'kubernetes_nodes') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('node') }} as node,

    -- attributes
    {{ label_map('node_labels') }} as labels,

    -- times
    cast({{ raw_timestamp('interval_start') }} as date) as usage_date,
    {{ raw_timestamp('interval_start') }} as usage_start,
    {{ exclusive_end('interval_end') }} as usage_end
from source
