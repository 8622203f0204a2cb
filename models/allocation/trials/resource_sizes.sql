-- What a resource uses, at one price per SKU for all time: how large it is, whatever a unit costs at the time. Tiers,
-- changes of a price and commitments leave it as it is; another SKU, or more or fewer units, do not.
with

-- the product that its last charges name
products as (
    select
        provider,
        account_id,
        resource_id,
        arg_max(product, (last_date, product)) as product
    from {{ ref('resource_owners') }}
    where resource_id is not null and product is not null
    group by provider, account_id, resource_id
),

counted as (
    select products.*
    from products
    semi join {{ ref('stg_business_metrics__metric_values') }} as metrics on products.product = metrics.product
),

days as (
    select
        used.provider,
        used.account_id,
        used.resource_id,
        counted.product,
        used.billing_currency,
        used.sku_id,
        used.unit,
        used.usage_date,
        cast(sum(used.quantity) as {{ decimal_type() }}) as quantity,
        cast(sum(used.effective_cost) as {{ decimal_type() }}) as effective_cost
    from {{ ref('resource_days') }} as used
    inner join counted
        on
            used.provider = counted.provider
            and used.account_id = counted.account_id
            and used.resource_id = counted.resource_id
    group by all
),

prices as (
    select
        provider,
        account_id,
        resource_id,
        billing_currency,
        sku_id,
        unit,
        {{ unit_price_of('sum(effective_cost)', 'sum(quantity)') }} as unit_price
    from days
    group by all
    having sum(quantity) > 0
)

select
    days.provider,
    days.account_id,
    days.resource_id,
    any_value(days.product) as product,
    days.billing_currency,
    days.usage_date,
    arg_max(days.sku_id, (days.effective_cost, days.sku_id)) as sku_id,
    arg_max(days.unit, (days.effective_cost, days.sku_id)) as unit,
    cast(sum(days.effective_cost) as {{ decimal_type() }}) as effective_cost,
    cast(sum({{ exact_product('days.quantity', 'prices.unit_price') }}) as {{ decimal_type() }}) as size_cost
from days
inner join prices
    on
        days.provider = prices.provider
        and days.account_id = prices.account_id
        and days.resource_id = prices.resource_id
        and days.billing_currency = prices.billing_currency
        and days.sku_id is not distinct from prices.sku_id
        and days.unit is not distinct from prices.unit
group by days.provider, days.account_id, days.resource_id, days.billing_currency, days.usage_date
