-- a row repeated word for word is one row
select distinct
    rate_card_id,
    version as rate_version,
    sku_id,
    model as price_model,
    tier,
    tier_from,
    tier_to,
    unit_price,
    flat_fee,
    package_size,
    percent,
    free_quantity,
    minimum_amount,
    maximum_amount,
    currency,
    coalesce(aggregation_scope, 'account') as aggregation_scope,
    coalesce(reset, 'month') as reset,
    effective_from,
    effective_to
from {{ ref('stg_rate_cards__tiers') }}
