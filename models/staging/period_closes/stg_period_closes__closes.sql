with source as (
    select * from {{ source('raw', 'period_closes') }}
)

select
    -- ids
    file_id,
    file_row,

    -- attributes
    {{ raw_text('direction') }} as direction,
    {{ raw_text('actor') }} as actor,
    cast({{ raw_text('grace_days') }} as integer) as grace_days,

    -- times
    {{ raw_date('billing_period') }} as billing_period,
    {{ raw_timestamp('closed_at') }} as closed_at
from source
