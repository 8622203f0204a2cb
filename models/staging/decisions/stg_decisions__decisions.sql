with source as (
    select * from {{ source('raw', 'decisions') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('subject_id') }} as subject_id,

    -- attributes
    {{ raw_text('subject_type') }} as subject_type,
    {{ raw_text('action') }} as action,
    {{ raw_text('currency') }} as currency,
    {{ raw_text('actor') }} as actor,
    {{ raw_text('reason') }} as reason,
    {{ raw_text('reference') }} as reference,

    -- amounts
    {{ raw_decimal('amount') }} as amount,

    -- times
    {{ raw_timestamp('decided_at') }} as decided_at
from source
