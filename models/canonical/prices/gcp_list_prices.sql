with

skus as (
    select * from {{ ref('stg_price_lists__gcp_skus') }}
),

regions as (
    select
        file_id,
        file_row,
        json_extract_string(region, '$') as region_id
    from (
        select
            file_id,
            file_row,
            {{ json_elements('service_regions') }} as region
        from skus
    )
),

-- prices over time
prices as (
    select
        file_id,
        file_row,
        sku_id,
        {{ json_elements('pricing_info') }} as price
    from skus
),

tiers as (
    select
        file_id,
        file_row,
        sku_id,
        price,
        {{ json_elements("json_extract(price, '$.pricingExpression.tieredRates')") }} as tier
    from prices
)

select
    'Google Cloud' as provider,
    tiers.sku_id,
    cast(null as varchar) as sku_price_id,
    nullif(regions.region_id, 'global') as region_id,
    {{ json_text('tiers.price', 'pricingExpression.usageUnitDescription') }} as unit,
    {{ json_text('tiers.tier', 'unitPrice.currencyCode') }} as currency,
    cast({{ json_text('tiers.tier', 'startUsageAmount') }} as {{ decimal_type() }}) as tier_from,
    -- whole units and billionths
    cast(
        cast(coalesce({{ json_text('tiers.tier', 'unitPrice.units') }}, '0') as {{ decimal_type() }})
        + cast(coalesce({{ json_text('tiers.tier', 'unitPrice.nanos') }}, '0') as decimal(18, 0)) * 0.000000001
        as {{ decimal_type() }}
    ) as unit_price,
    cast({{ json_text('tiers.price', 'effectiveTime') }} as timestamp) as effective_from,
    cast(null as timestamp) as effective_to,
    tiers.file_id,
    tiers.file_row
from tiers
left join regions on tiers.file_id = regions.file_id and tiers.file_row = regions.file_row
