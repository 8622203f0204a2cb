{{ config(materialized='table') }}

-- The card of a contract that prices a SKU is the first, in the contract's order, that names it.
with

cards as (
    select
        contract_id,
        contract_version,
        discount_percent,
        discount_skus,
        unnest(string_split(rate_card_ids, ';')) as rate_card_id,
        generate_subscripts(string_split(rate_card_ids, ';'), 1) as card_order
    from {{ ref('contract_versions') }}
),

priced as (
    select distinct
        rate_card_id,
        sku_id
    from {{ ref('rate_versions') }}
)

select
    cards.contract_id,
    cards.contract_version,
    priced.sku_id,
    arg_min(cards.rate_card_id, cards.card_order) as rate_card_id,
    cast(coalesce(max(case
        when
            len(list_filter(string_split(cards.discount_skus, ';'), pattern -> priced.sku_id glob pattern)) > 0
            then cards.discount_percent
    end), 0) as {{ decimal_type() }}) as contract_discount
from cards
inner join priced on cards.rate_card_id = priced.rate_card_id
group by cards.contract_id, cards.contract_version, priced.sku_id
