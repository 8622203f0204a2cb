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
    {{ raw_text('unit_rounding') }} as unit_rounding,
    {{ raw_text('currency') }} as currency,
    {{ raw_text('aggregation_scope') }} as aggregation_scope,
    {{ raw_text('reset') }} as reset,
    cast({{ raw_text('rounding_scale') }} as integer) as rounding_scale,
    {{ raw_text('rounding_mode') }} as rounding_mode,
    {{ raw_text('rounding_scope') }} as rounding_scope,
    {{ raw_text('tier_bound') }} as tier_bound,
    {{ raw_text('tier_quantity') }} as tier_quantity,
    {{ raw_text('flat_fee_when') }} as flat_fee_when,
    {{ raw_text('partial_package') }} as partial_package,
    {{ raw_text('proration') }} as proration,

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
    {{ raw_decimal('fixed_per_event') }} as fixed_per_event,
    {{ raw_decimal('free_events') }} as free_events,
    {{ raw_decimal('free_amount') }} as free_amount,
    {{ raw_decimal('per_event_minimum') }} as per_event_minimum,
    {{ raw_decimal('per_event_maximum') }} as per_event_maximum,
    {{ raw_decimal('usage_discount_quantity') }} as usage_discount_quantity,
    {{ raw_decimal('discount_percent') }} as discount_percent,
    {{ raw_decimal('unit_divisor') }} as unit_divisor,

    -- times
    {{ raw_date('effective_from') }} as effective_from,
    {{ raw_date('effective_to') }} as effective_to
from source
