with source as (
    select * from {{ source('raw', 'deployments') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('commit') }} as commit_id,

    -- attributes
    {{ raw_text('service') }} as service,
    {{ raw_text('version') }} as version,
    {{ raw_text('owner') }} as owner,
    {{ raw_text('resource_pattern') }} as resource_pattern,

    -- times
    {{ raw_timestamp('deployed_at') }} as deployed_at
from source
