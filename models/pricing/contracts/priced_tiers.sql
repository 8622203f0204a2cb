-- The tiers of the cards that price something, once for each discount that contracts take off them.
with

all_tiers as (
    select
        * exclude (rate_version),
        rate_version as version
    from {{ ref('rate_tiers') }}
),

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
    all_tiers.*,
    discounts.contract_discount
from all_tiers
inner join discounts on all_tiers.rate_card_id = discounts.rate_card_id and all_tiers.sku_id = discounts.sku_id
