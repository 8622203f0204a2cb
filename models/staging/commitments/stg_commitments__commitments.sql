with source as (
    select * from {{ source('raw', 'commitments') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('commitment_id') }} as commitment_id,
    {{ raw_text('contract_id') }} as contract_id,

    -- attributes
    {{ raw_text('kind') }} as kind,
    {{ raw_text('sku_pattern') }} as sku_pattern,
    {{ raw_text('currency') }} as currency,

    -- amounts
    {{ raw_decimal('quantity_per_hour') }} as quantity_per_hour,
    {{ raw_decimal('amount_per_hour') }} as amount_per_hour,
    {{ raw_decimal('upfront_fee') }} as upfront_fee,
    {{ raw_decimal('recurring_fee_per_hour') }} as recurring_fee_per_hour,
    {{ raw_decimal('discount_percent') }} as discount_percent,

    -- times
    {{ raw_timestamp('starts_at') }} as starts_at,
    {{ raw_timestamp('ends_at') }} as ends_at
from source
