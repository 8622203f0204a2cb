with source as (
    select * from {{ source('raw', 'disputes') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('dispute_id') }} as dispute_id,
    {{ raw_text('subject_id') }} as subject_id,

    -- attributes
    {{ raw_text('kind') }} as kind,
    {{ raw_text('currency') }} as currency,
    {{ raw_text('status') }} as status,
    {{ raw_text('reference') }} as reference,

    -- amounts
    {{ raw_decimal('claimed') }} as claimed_amount,
    {{ raw_decimal('recovered') }} as recovered_amount,

    -- times
    {{ raw_timestamp('opened_at') }} as opened_at
from source
