with

parts as (
    select * from {{ ref('stg_price_lists__oci_parts') }}
),

currencies as (
    select
        file_id,
        file_row,
        part_number,
        metric_name,
        {{ json_elements('currency_prices') }} as currency
    from parts
),

prices as (
    select
        file_id,
        file_row,
        part_number,
        metric_name,
        {{ json_text('currency', 'currencyCode') }} as currency,
        {{ json_elements("json_extract(currency, '$.prices')") }} as price
    from currencies
)

select
    'Oracle' as provider,
    part_number as sku_id,
    cast(null as varchar) as sku_price_id,
    cast(null as varchar) as region_id,
    metric_name as unit,
    currency,
    cast(coalesce({{ json_text('price', 'rangeMin') }}, '0') as {{ decimal_type() }}) as tier_from,
    cast({{ json_text('price', 'value') }} as {{ decimal_type() }}) as unit_price,
    -- the list carries no dates: it holds until another takes its place
    timestamp '0001-01-01' as effective_from,
    cast(null as timestamp) as effective_to,
    file_id,
    file_row
from prices
where {{ json_text('price', 'model') }} = 'PAY_AS_YOU_GO'
