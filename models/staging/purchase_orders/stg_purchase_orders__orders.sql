with source as (
    select * from {{ source('raw', 'purchase_orders') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('po_number') }} as po_number,

    -- attributes
    {{ raw_text('vendor') }} as vendor,
    {{ raw_text('currency') }} as currency,

    -- amounts
    {{ raw_decimal('amount') }} as ordered_amount,

    -- times
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from source
