with

carded as (
    select * from {{ ref('carded_charges') }}
),

tiers as (
    select * from {{ ref('rate_tiers') }}
),

-- A tier covers (tier_from, tier_to] of the month's cumulative quantity; a charge takes from it what lies
-- between its own start and end, so that negative corrections give back what they took.
taken as (
    select
        carded.charge_id,
        tiers.rate_version,
        tiers.currency,
        tiers.tier,
        tiers.unit_price,
        tiers.is_priced_here,
        greatest(carded.position_end, carded.position_end - carded.pricing_quantity) <= tiers.priced_to
            as is_within_tiers,
        cast(
            least(greatest(carded.position_end, tiers.tier_from), tiers.tier_to)
            - least(greatest(carded.position_end - carded.pricing_quantity, tiers.tier_from), tiers.tier_to)
            as {{ decimal_type() }}
        ) as quantity
    from carded
    inner join tiers
        on
            carded.rate_card_id = tiers.rate_card_id
            and carded.sku_id = tiers.sku_id
            and carded.charge_period_start >= tiers.effective_from
            and carded.charge_period_start < tiers.effective_to
),

priced as (
    select
        *,
        {{ exact_product('quantity', 'unit_price') }} as amount
    from taken
),

rated as (
    select
        charge_id,
        min(rate_version) as rate_version,
        min(currency) as currency,
        bool_and(is_priced_here) as is_priced_here,
        bool_and(is_within_tiers) as is_within_tiers,
        cast(sum(amount) as {{ decimal_type() }}) as amount,
        cast(to_json(list(
            struct_pack(tier := tier, quantity := quantity, unit_price := unit_price, amount := amount) order by tier
        ) filter (where quantity != 0)) as varchar) as tier_detail
    from priced
    group by charge_id
)

select
    carded.charge_id,
    carded.partition_version,
    carded.contract_id,
    carded.contract_version,
    carded.rate_card_id,
    carded.price_source,
    rated.rate_version,
    rated.currency,
    rated.tier_detail,
    case
        when rated.is_priced_here and rated.is_within_tiers
            then {{ exact_product('rated.amount', 'carded.price_factor') }}
    end as amount,
    case
        when rated.charge_id is null
            then
                'rate card ' || coalesce(carded.rate_card_id, '(none)') || ' has no price for SKU '
                || coalesce(carded.sku_id, '(none)')
        when not rated.is_priced_here
            then
                'rate card ' || carded.rate_card_id || ' prices SKU ' || carded.sku_id
                || ' by a model that the rating engine does not know yet'
        when not rated.is_within_tiers
            then 'usage of SKU ' || carded.sku_id || ' lies beyond the last tier of ' || carded.rate_card_id
    end as unpriced_reason
from carded
left join rated on carded.charge_id = rated.charge_id
