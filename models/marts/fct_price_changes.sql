select
    provider,
    sku_id,
    region_id,
    unit,
    currency,
    old_unit_price,
    new_unit_price,
    tier_from,
    price_list_effective_from,
    price_list_file_id,
    price_list_file_row,
    first_charged_at,
    last_charged_at,
    charge_count,
    quantity,
    cost_change
from {{ ref('stale_prices') }}
