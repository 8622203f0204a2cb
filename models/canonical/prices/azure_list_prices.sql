select
    'Microsoft' as provider,
    meter_id as sku_id,
    concat_ws('|', product_id, sku_id, part_number, offer_id) as sku_price_id,
    -- a meter belongs to one region
    cast(null as varchar) as region_id,
    unit_of_measure as unit,
    currency,
    coalesce(tier_minimum_units, 0) as tier_from,
    market_price as unit_price,
    cast(effective_from as timestamp) as effective_from,
    cast(effective_to as timestamp) as effective_to,
    file_id,
    file_row
from {{ ref('stg_price_lists__azure_prices') }}
where price_type = 'Consumption' and market_price is not null
