with source as (
    select * from {{ source('raw', 'oci_price_list') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('partNumber') }} as part_number,

    -- attributes
    {{ raw_text('displayName') }} as display_name,
    {{ raw_text('metricName') }} as metric_name,
    {{ raw_text('serviceCategory') }} as service_category,
    {{ raw_text('currencyCodeLocalizations') }} as currency_prices
from source
