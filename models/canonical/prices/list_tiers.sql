with

prices as (
    select * from {{ ref('price_list_prices') }}
),

cards as (
    select * from {{ ref('public_rate_cards') }}
)

select
    cards.rate_card_id,
    prices.file_id as version,
    prices.sku_id,
    case when count(*) over sku > 1 then 'graduated' else 'flat' end as model,
    cast(row_number() over tiers as integer) as tier,
    prices.tier_from,
    lead(prices.tier_from) over tiers as tier_to,
    prices.unit_price,
    prices.currency,
    cast(prices.effective_from as date) as effective_from,
    cast(prices.effective_to as date) as effective_to
from prices
inner join cards on prices.provider = cards.provider and prices.currency = cards.currency
-- a rate card knows no regions
where prices.region_id is null
window
    sku as (partition by cards.rate_card_id, prices.sku_id, prices.effective_from),
    tiers as (partition by cards.rate_card_id, prices.sku_id, prices.effective_from order by prices.tier_from)
