with source as (
    select * from {{ source('raw', 'incidents') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('incident_id') }} as incident_id,

    -- attributes
    {{ raw_text('services') }} as services,
    {{ raw_text('tenants') }} as tenants,

    -- amounts
    {{ raw_decimal('sla_percent') }} as sla_percent,

    -- times
    {{ raw_timestamp('started_at') }} as started_at,
    {{ raw_timestamp('ended_at') }} as ended_at
from source
