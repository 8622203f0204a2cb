{{ config(materialized='table') }}

with

listed as (
    select
        provider,
        sku_id,
        cast(null as varchar) as sku_price_id,
        region_id,
        unit,
        currency,
        cast(0 as {{ decimal_type() }}) as tier_from,
        unit_price,
        cast(effective_from as timestamp) as effective_from,
        cast(effective_to as timestamp) as effective_to,
        file_id,
        file_row
    from {{ ref('stg_price_lists__prices') }}
    union all
    select * from {{ ref('aws_list_prices') }}
    union all
    select * from {{ ref('azure_list_prices') }}
    union all
    select * from {{ ref('gcp_list_prices') }}
    union all
    select * from {{ ref('oci_list_prices') }}
),

-- a price with an open end holds until the SKU has the next one, whatever its tiers
dated as (
    select
        * exclude (effective_to),
        coalesce(
            effective_to,
            min(effective_from) over later,
            timestamp '9999-12-31'
        ) as effective_to
    from listed
    window later as (
        partition by provider, sku_id, region_id, unit, currency
        order by effective_from
        range between interval 1 microsecond following and unbounded following
    )
)

select *
from dated
-- the same price in several files or rows is one price
qualify row_number() over (
    partition by
        provider, sku_id, sku_price_id, region_id, unit, currency, tier_from, unit_price, effective_from,
        effective_to
    order by file_id, file_row
) = 1
