with source as (
    select * from {{ source('raw', 'gcp_skus') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('skuId') }} as sku_id,

    -- attributes
    {{ raw_text('description') }} as sku_description,
    {{ raw_text('serviceRegions') }} as service_regions,
    {{ raw_text('pricingInfo') }} as pricing_info
from source
