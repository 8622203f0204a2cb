with

prices as (
    select * from {{ ref('price_list_prices') }}
),

charged as (
    select
        provider,
        sku_id,
        region_id,
        pricing_unit,
        billing_currency,
        list_unit_price,
        charge_period_start,
        count(*) as charge_count,
        cast(sum(pricing_quantity) as {{ decimal_type() }}) as quantity
    from {{ ref('charges') }} as charges
    where
        charge_kind = 'usage'
        and list_unit_price is not null
        and exists (
            select 1 from prices
            where prices.provider = charges.provider and prices.sku_id = charges.sku_id
        )
    group by all
),

-- a charge does not say which tier it stands in: the valid price nearest to its own is the one it is held to
compared as (
    select
        charged.*,
        prices.unit_price,
        prices.tier_from,
        prices.effective_from,
        prices.file_id,
        prices.file_row
    from charged
    inner join prices
        on
            charged.provider = prices.provider
            and charged.sku_id = prices.sku_id
            and charged.billing_currency = prices.currency
            and charged.charge_period_start >= prices.effective_from
            and charged.charge_period_start < prices.effective_to
            and (prices.region_id is null or charged.region_id = prices.region_id)
            and (prices.unit is null or lower(charged.pricing_unit) = lower(prices.unit))
    qualify row_number() over (
        partition by
            charged.provider, charged.sku_id, charged.region_id, charged.pricing_unit, charged.billing_currency,
            charged.list_unit_price, charged.charge_period_start
        order by abs(charged.list_unit_price - prices.unit_price), prices.tier_from, prices.file_id, prices.file_row
    ) = 1
),

changed as (
    select
        provider,
        sku_id,
        region_id,
        pricing_unit as unit,
        billing_currency as currency,
        unit_price as old_unit_price,
        list_unit_price as new_unit_price,
        tier_from,
        effective_from as price_list_effective_from,
        file_id as price_list_file_id,
        file_row as price_list_file_row,
        min(charge_period_start) as first_charged_at,
        max(charge_period_start) as last_charged_at,
        cast(sum(charge_count) as bigint) as charge_count,
        cast(sum(quantity) as {{ decimal_type() }}) as quantity
    from compared
    where list_unit_price != unit_price
    group by all
)

select
    *,
    {{ exact_product('quantity', '(new_unit_price - old_unit_price)') }} as cost_change
from changed
