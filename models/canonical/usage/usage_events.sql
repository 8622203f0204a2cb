with

events as (
    select * from {{ ref('stg_usage_events__events') }}
),

schemas as (
    select distinct
        coalesce(data_schema, '') as data_schema,
        event_type
    from {{ ref('stg_usage_events__events') }}
),

known_schemas as (
    select
        schemas.data_schema,
        schemas.event_type,
        min(known.valid_from) as valid_from
    from schemas
    inner join {{ ref('event_schemas') }} as known
        on schemas.data_schema glob coalesce(known.data_schema, '') and schemas.event_type glob known.event_type
    group by schemas.data_schema, schemas.event_type
),

judged as (
    select
        events.*,
        case
            when known.valid_from is null or events.event_time < known.valid_from then 'dataschema'
            when json_type(events.data) != 'OBJECT' then 'data'
            when
                events.stated_sampling_rate is not null
                and not coalesce(events.sampling_rate > 0 and events.sampling_rate <= 1, false)
                then 'data.sampling_rate'
            when events.stated_revision is not null and events.revision is null then 'data.revision'
        end as fault_column
    from events
    left join known_schemas as known
        on coalesce(events.data_schema, '') = known.data_schema and events.event_type = known.event_type
)

select
    *,
    {{ json_members('data', ['revision', 'reconstructed']) }} as content,
    case fault_column
        when 'dataschema' then data_schema
        when 'data' then data
        when 'data.sampling_rate' then stated_sampling_rate
        when 'data.revision' then stated_revision
    end as fault_value,
    case fault_column
        when 'dataschema'
            then
                coalesce('''' || data_schema || '''', 'no schema') || ' is no known version of ' || event_type
                || ' events; name it in the seed event_schemas'
        when 'data' then 'is not a JSON object'
        when 'data.sampling_rate' then '''' || stated_sampling_rate || ''' is not a share above 0 and up to 1'
        when 'data.revision' then '''' || stated_revision || ''' is not a number'
    end as fault_reason
from judged
