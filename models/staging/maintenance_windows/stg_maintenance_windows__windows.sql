with source as (
    select * from {{ source('raw', 'maintenance_windows') }}
)

select
    -- ids
    file_id,
    file_row,

    -- attributes
    {{ raw_text('scope') }} as scope,
    {{ raw_text('reason') }} as reason,

    -- times
    {{ raw_timestamp('starts_at') }} as starts_at,
    {{ raw_timestamp('ends_at') }} as ends_at
from source
