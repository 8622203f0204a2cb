{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(partitions_of('usage_events')) }}",
        "{{ narrow('files', 'file_id', ref('usage_partition_files'), partitions_of('usage_events')) }}",
    ],
    post_hook="reset variable narrowed_files",
) }}

-- depends_on: {{ ref('usage_partitions') }}
with

changed_files as (
    select * from {{ ref('usage_partition_files') }}
    where {{ is_changed_partition(partitions_of('usage_events')) }}
),

metered as (
    select
        events.*,
        files.partition_id,
        files.partition_version,
        meters.meter_id,
        meters.sku_id,
        meters.unit,
        meters.aggregation,
        meters.value_property,
        json_extract_string(events.data, {{ json_pointer('meters.value_property') }}) as measured_value,
        {{ json_subset('events.data', 'meters.dimensions') }} as dimensions,
        meters.aggregation in ('sum', 'count') and coalesce(events.sampling_rate < 1, false) as is_scaled
    from {{ ref('accepted_events') }} as events
    inner join changed_files as files
        on events.file_id = files.file_id and events.delivered_period = files.billing_period
    left join {{ ref('meters') }} as meters on events.event_type = meters.event_type
),

measured as (
    select
        *,
        case
            when aggregation = 'count' or (aggregation = 'unique_count' and measured_value is not null) then 1
            when aggregation != 'unique_count' then try_cast(measured_value as {{ decimal_type() }})
        end as quantity_measured
    from metered
),

scaled as (
    select
        *,
        case
            when is_scaled then {{ exact_quotient('quantity_measured', 'sampling_rate') }}
            else quantity_measured
        end as quantity
    from measured
)

select
    {{ identity(['event_source', 'event_id', 'meter_id']) }} as usage_id,
    event_source,
    event_id,
    event_type,
    meter_id,
    account_id,
    sku_id,
    billing_period,
    event_time,
    usage_start,
    usage_start as usage_end,
    seconds_ahead,
    quantity,
    quantity_measured,
    case
        when is_scaled then abs(quantity_measured) * sqrt(1 - sampling_rate) / sampling_rate
        when coalesce(sampling_rate, 1) = 1 then 0
    end as quantity_stderr,
    unit,
    measured_value,
    case
        when meter_id is null then 'no meter measures ' || event_type || ' events'
        when quantity is null and measured_value is null then 'data has no ' || value_property
        when quantity is null then '''' || measured_value || ''' in ' || value_property || ' is not a number'
    end as unmeasured_reason,
    dimensions,
    sampling_rate,
    is_late,
    is_reconstructed,
    landed_at,
    file_id,
    file_row,
    partition_id,
    partition_version
from scaled
