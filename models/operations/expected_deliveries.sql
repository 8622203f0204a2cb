-- Expected is every part from the first to the last one seen; and, from the time that the feed is watched on,
-- every part after it up to the as-of time.
with

streams as (
    select
        source,
        feed,
        provider,
        currency,
        cadence,
        min(part_starts_at) as first_part,
        max(part_starts_at) as last_part
    from {{ ref('received_parts') }}
    group by source, feed, provider, currency, cadence
),

parts as (
    select
        streams.*,
        feeds.waits_for_month,
        feeds.max_lag_hours,
        feeds.volume_low_percent,
        feeds.volume_high_percent,
        feeds.watched_since,
        feeds.valid_from,
        feeds.valid_to,
        {{ moments(
            'streams.first_part', 'greatest(streams.last_part, ' ~ as_of() ~ ')', part_length('streams.cadence')
        ) }} as part_starts_at
    from streams
    inner join {{ ref('feed_expectations') }} as feeds
        on
            streams.source = feeds.source
            and streams.feed = feeds.feed
            and streams.cadence = feeds.cadence
            and streams.first_part < feeds.valid_to
)

select
    source,
    feed,
    provider,
    currency,
    cadence,
    cast(case cadence when 'monthly' then date_trunc('month', part_starts_at) else part_starts_at end as date)
        as expected_on,
    part_starts_at,
    part_starts_at + {{ part_length('cadence') }} as part_ends_at,
    {{ part_due('cadence', 'part_starts_at', 'waits_for_month', 'max_lag_hours') }} as due_at,
    watched_since,
    volume_low_percent,
    volume_high_percent
from parts
where
    part_starts_at >= valid_from
    and part_starts_at < valid_to
    and (part_starts_at <= last_part or part_starts_at + {{ part_length('cadence') }} > watched_since)
