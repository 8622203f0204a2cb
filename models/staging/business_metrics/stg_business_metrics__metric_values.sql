with source as (
    select * from {{ source('raw', 'business_metrics') }}
)

select
    -- ids
    file_id,
    file_row,

    -- attributes
    {{ raw_text('metric') }} as metric,
    {{ raw_text('owner') }} as owner,
    {{ raw_text('product') }} as product,
    {{ raw_text('tenant') }} as tenant,
    {{ raw_text('cohort') }} as cohort,

    -- amounts
    {{ raw_decimal('value') }} as value,

    -- times
    {{ raw_date('metric_date') }} as metric_date
from source
