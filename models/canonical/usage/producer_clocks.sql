with

latest_events as (
    select
        file_id,
        event_source,
        count(*) as event_count,
        min(event_time) as first_event_at,
        max(event_time) as last_event_at
    from {{ ref('stg_usage_events__events') }}
    group by file_id, event_source
),

measured as (
    select
        latest_events.*,
        times.received_at,
        cast(
            date_diff('microsecond', times.received_at, latest_events.last_event_at) as decimal(18, 0)
        ) * cast(0.000001 as decimal(7, 6)) as seconds_ahead
    from latest_events
    inner join {{ ref('partition_file_times') }} as times
        on times.source = 'usage_events' and latest_events.file_id = times.file_id
)

select
    measured.file_id,
    measured.event_source,
    measured.event_count,
    measured.first_event_at,
    measured.last_event_at,
    measured.received_at,
    measured.seconds_ahead,
    measured.seconds_ahead > rules.clock_tolerance_seconds
    and measured.seconds_ahead <= rules.clock_limit_seconds as is_clock_ahead,
    rules.rule_id
from measured
left join {{ ref('metering_rules') }} as rules
    on
        measured.last_event_at >= rules.valid_from
        and measured.last_event_at < coalesce(rules.valid_to, date '9999-12-31')
