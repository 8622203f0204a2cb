-- The tiers of the cards that price something, once for each discount that contracts take off them.
with

discounts as (
    select distinct
        rate_card_id,
        sku_id,
        contract_discount
    from {{ ref('contract_prices') }}
    union
    select
        cards.rate_card_id,
        tiers.sku_id,
        cast(0 as {{ decimal_type() }}) as contract_discount
    from {{ ref('public_rate_cards') }} as cards
    inner join {{ ref('rate_tiers') }} as tiers on cards.rate_card_id = tiers.rate_card_id
)

select
    tiers.* exclude (rate_version),
    tiers.rate_version as version,
    discounts.contract_discount
from {{ ref('rate_tiers') }} as tiers
inner join discounts on tiers.rate_card_id = discounts.rate_card_id and tiers.sku_id = discounts.sku_id
