with source as (
    select * from {{ source('raw', 'price_lists') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('sku_id') }} as sku_id,
    {{ raw_text('region_id') }} as region_id,

    -- attributes
    {{ raw_text('provider') }} as provider,
    {{ raw_text('unit') }} as unit,
    {{ raw_text('currency') }} as currency,

    -- amounts
    {{ raw_decimal('unit_price') }} as unit_price,

    -- times
    {{ raw_date('effective_from') }} as effective_from,
    {{ raw_date('effective_to') }} as effective_to
from source
