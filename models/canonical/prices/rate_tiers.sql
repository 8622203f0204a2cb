with

tiers as (
    -- a row repeated word for word is one row
    select distinct * exclude (file_id, file_row)
    from {{ ref('stg_rate_cards__tiers') }}
    union all by name
    select * from {{ ref('list_tiers') }}
)

select
    rate_card_id,
    version as rate_version,
    sku_id,
    model,
    tier,
    -- below zero, where corrections may lead, the first tier goes on
    case when tier_from = 0 then -99999999999999999999 else tier_from end as tier_from,
    coalesce(tier_to, 99999999999999999999) as tier_to,
    unit_price,
    currency,
    coalesce(aggregation_scope, 'account') as aggregation_scope,
    coalesce(reset, 'month') as reset,
    effective_from,
    coalesce(effective_to, date '9999-12-31') as effective_to,
    max(coalesce(tier_to, 99999999999999999999)) over sku as priced_to,
    -- the first slice prices tiers of plain unit prices; the other models wait for the rating engine
    model in ('flat', 'standard', 'graduated')
    and coalesce(reset, 'month') = 'month'
    and coalesce(aggregation_scope, 'account') = 'account'
    and coalesce(flat_fee, 0) = 0
    and coalesce(free_quantity, 0) = 0
    and coalesce(minimum_amount, 0) = 0
    and coalesce(usage_discount_quantity, 0) = 0
    and coalesce(discount_percent, 0) = 0
    and coalesce(unit_divisor, 1) = 1
    and coalesce(unit_rounding, 'none') = 'none'
    and coalesce(tier_bound, 'upper_inclusive') = 'upper_inclusive'
    and coalesce(tier_quantity, 'raw') = 'raw'
    and maximum_amount is null
    and rounding_scale is null
    and unit_price is not null as is_priced_here
from tiers
window sku as (partition by rate_card_id, version, sku_id)
