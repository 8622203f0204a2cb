with

events as (
    select * exclude (content, fault_column, fault_value, fault_reason) from {{ ref('usage_events') }}
),

clocks as (
    select
        file_id,
        event_source,
        case when is_clock_ahead then seconds_ahead end as seconds_ahead
    from {{ ref('producer_clocks') }}
),

timed as (
    select
        events.*,
        clocks.seconds_ahead,
        times.landed_at,
        cast(date_trunc('month', events.event_time) as date) as delivered_period,
        events.event_time
        - to_microseconds(cast(coalesce(clocks.seconds_ahead, 0) * 1000000 as bigint)) as usage_start
    from events
    left join clocks on events.file_id = clocks.file_id and events.event_source = clocks.event_source
    left join {{ ref('partition_file_times') }} as times
        on times.source = 'usage_events' and events.file_id = times.file_id
    left join {{ ref('record_twins') }} as twins
        on twins.source = 'usage_events' and events.file_id = twins.file_id and events.file_row = twins.file_row
    where twins.file_row is null
)

select
    timed.*,
    cast(date_trunc('month', timed.usage_start) as date) as billing_period,
    timed.landed_at
    >= date_trunc('month', timed.usage_start) + interval 1 month + to_hours(rules.late_after_hours) as is_late
from timed
left join {{ ref('metering_rules') }} as rules
    on timed.usage_start >= rules.valid_from and timed.usage_start < coalesce(rules.valid_to, date '9999-12-31')
