-- An offer nests its on-demand prices: SKU, offer term, price dimension (a tier), currency.
with

offers as (
    select * from {{ ref('stg_price_lists__aws_offers') }}
),

products as (
    select
        file_id,
        {{ json_fields('products') }} as product
    from offers
),

skus as (
    select
        file_id,
        file_row,
        {{ json_fields("json_extract(terms, '$.OnDemand')") }} as sku
    from offers
),

terms as (
    select
        file_id,
        file_row,
        sku['key'] as sku_id,
        {{ json_fields("sku['value']") }} as term
    from skus
),

dimensions as (
    select
        file_id,
        file_row,
        sku_id,
        {{ json_text("term['value']", 'effectiveDate') }} as effective_from,
        {{ json_fields("json_extract(term['value'], '$.priceDimensions')") }} as dimension
    from terms
),

prices as (
    select
        file_id,
        file_row,
        sku_id,
        effective_from,
        dimension,
        {{ json_fields("json_extract(dimension['value'], '$.pricePerUnit')") }} as price
    from dimensions
)

select
    'AWS' as provider,
    prices.sku_id,
    prices.dimension['key'] as sku_price_id,
    {{ json_text("products.product['value']", 'attributes.regionCode') }} as region_id,
    {{ json_text("prices.dimension['value']", 'unit') }} as unit,
    prices.price['key'] as currency,
    cast({{ json_text("prices.dimension['value']", 'beginRange') }} as {{ decimal_type() }}) as tier_from,
    cast(json_extract_string(prices.price['value'], '$') as {{ decimal_type() }}) as unit_price,
    cast(prices.effective_from as timestamp) as effective_from,
    cast(null as timestamp) as effective_to,
    prices.file_id,
    prices.file_row
from prices
left join products on prices.file_id = products.file_id and prices.sku_id = products.product['key']
