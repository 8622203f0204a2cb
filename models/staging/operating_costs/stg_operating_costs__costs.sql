with source as (
    select * from {{ source('raw', 'operating_costs') }}
)

select
    -- ids
    file_id,
    file_row,

    -- attributes
    {{ raw_text('item') }} as item,
    {{ raw_text('currency') }} as currency,

    -- amounts
    {{ raw_decimal('amount') }} as amount,

    -- times
    {{ raw_date('period') }} as billing_period
from source
