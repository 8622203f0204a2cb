with source as (
    select * from {{ source('raw', 'azure_price_sheet') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('MeterId') }} as meter_id,
    {{ raw_text('ProductId') }} as product_id,
    {{ raw_text('SkuId') }} as sku_id,
    {{ raw_text('PartNumber') }} as part_number,
    {{ raw_text('OfferID') }} as offer_id,

    -- attributes
    {{ raw_text('MeterName') }} as meter_name,
    {{ raw_text('MeterRegion') }} as meter_region,
    {{ raw_text('UnitOfMeasure') }} as unit_of_measure,
    {{ raw_text('PriceType') }} as price_type,
    {{ raw_text('Term') }} as term,
    {{ raw_text('Currency') }} as currency,

    -- amounts
    {{ raw_decimal('TierMinimumUnits') }} as tier_minimum_units,
    {{ raw_decimal('IncludedQuantity') }} as included_quantity,
    {{ raw_decimal('UnitPrice') }} as unit_price,
    {{ raw_decimal('BasePrice') }} as base_price,
    {{ raw_decimal('MarketPrice') }} as market_price,

    -- times
    {{ raw_date('EffectiveStartDate') }} as effective_from,
    {{ raw_date('EffectiveEndDate') }} as effective_to
from source
