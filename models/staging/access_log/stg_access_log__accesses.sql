with source as (
    select * from {{ source('raw', 'access_log') }}
)

select
    -- ids
    file_id,
    file_row,

    -- attributes
    {{ pseudonym('actor') }} as actor,
    {{ raw_text('action') }} as action,
    {{ raw_text('object') }} as object_name,
    {{ raw_text('outcome') }} as outcome,
    {{ raw_text('reason') }} as reason,

    -- times
    {{ raw_timestamp('time') }} as accessed_at
from source
