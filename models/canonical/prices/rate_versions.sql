{{ config(materialized='table') }}

select
    rate_card_id,
    rate_version,
    sku_id,
    effective_from,
    min(effective_to) as effective_to,
    min(currency) as currency,
    min(model) as model,
    min(aggregation_scope) as aggregation_scope,
    min(reset) as reset,
    min(proration) as proration,
    min(flat_fee_when) as flat_fee_when,
    max(minimum_amount) as minimum_amount,
    max(maximum_amount) as maximum_amount,
    max(rounding_scale) as rounding_scale
from {{ ref('rate_tiers') }}
group by rate_card_id, rate_version, sku_id, effective_from
