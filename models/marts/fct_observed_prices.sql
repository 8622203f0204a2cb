select
    provider,
    billing_account_id,
    sku_id,
    region_id,
    unit,
    currency,
    billing_period,
    charge_count,
    quantity,
    billed_cost,
    unit_price,
    previous_period,
    previous_unit_price,
    cost_change,
    is_silent_change
from {{ ref('observed_prices') }}
