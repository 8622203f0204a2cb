with

source as (
    select
        *,
        json_extract_string(data, ['$.revision', '$.sampling_rate', '$.reconstructed']) as own_members
    from {{ source('raw', 'usage_events') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('source') }} as event_source,
    {{ raw_text('id') }} as event_id,
    {{ raw_text('subject') }} as account_id,

    -- attributes
    {{ raw_text('type') }} as event_type,
    {{ raw_text('dataschema') }} as data_schema,
    {{ raw_text('data') }} as data,
    own_members[1] as stated_revision,
    own_members[2] as stated_sampling_rate,
    try_cast(own_members[1] as {{ decimal_type() }}) as revision,
    try_cast(own_members[2] as {{ decimal_type() }}) as sampling_rate,
    coalesce(own_members[3] = 'true', false) as is_reconstructed,

    -- times
    {{ raw_timestamp('time') }} as event_time
from source
