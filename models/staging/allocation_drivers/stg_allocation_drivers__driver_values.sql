with source as (
    select * from {{ source('raw', 'allocation_drivers') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('driver_id') }} as driver_id,

    -- attributes
    {{ raw_text('owner') }} as owner,
    {{ raw_text('tenant') }} as tenant,
    {{ raw_text('unit') }} as unit,
    cast({{ raw_text('is_estimated') }} as boolean) as is_estimated,

    -- amounts
    {{ raw_decimal('value') }} as value,

    -- times
    {{ raw_date('driver_date') }} as driver_date
from source
