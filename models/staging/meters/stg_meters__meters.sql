with source as (
    select * from {{ source('raw', 'meters') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('meter_id') }} as meter_id,
    {{ raw_text('event_type') }} as event_type,
    {{ raw_text('sku_id') }} as sku_id,

    -- attributes
    {{ raw_text('aggregation') }} as aggregation,
    {{ raw_text('value_property') }} as value_property,
    {{ raw_text('unit') }} as unit,
    {{ raw_text('dimensions') }} as dimensions,
    {{ raw_text('window') }} as aggregation_window,
    {{ raw_text('authority') }} as authority,
    {{ raw_text('role') }} as meter_role
from source
