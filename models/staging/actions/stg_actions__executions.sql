with source as (
    select * from {{ source('raw', 'actions') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('action_id') }} as action_id,

    -- attributes
    {{ raw_text('outcome') }} as outcome,
    {{ raw_text('actor') }} as actor,

    -- times
    {{ raw_timestamp('executed_at') }} as executed_at
from source
