with source as (
    select * from {{ source('raw', 'rate_cards') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('rate_card_id') }} as rate_card_id,
    {{ raw_text('version') }} as version,
    {{ raw_text('sku_id') }} as sku_id,

    -- attributes
    {{ raw_text('model') }} as model,
    cast({{ raw_text('tier') }} as integer) as tier,
    {{ raw_text('currency') }} as currency,
    {{ raw_text('aggregation_scope') }} as aggregation_scope,
    {{ raw_text('reset') }} as reset,
    cast({{ raw_text('rounding_scale') }} as integer) as rounding_scale,
    {{ raw_text('rounding_mode') }} as rounding_mode,

    -- amounts
    {{ raw_decimal('tier_from') }} as tier_from,
    {{ raw_decimal('tier_to') }} as tier_to,
    {{ raw_decimal('unit_price') }} as unit_price,
    {{ raw_decimal('flat_fee') }} as flat_fee,
    {{ raw_decimal('package_size') }} as package_size,
    {{ raw_decimal('percent') }} as percent,
    {{ raw_decimal('free_quantity') }} as free_quantity,
    {{ raw_decimal('minimum_amount') }} as minimum_amount,
    {{ raw_decimal('maximum_amount') }} as maximum_amount,

    -- times
    {{ raw_date('effective_from') }} as effective_from,
    {{ raw_date('effective_to') }} as effective_to
from source
