-- The longest pattern that matches a feed decides what is expected of it; a feed that delivers less often than that,
-- by the week or the month, is given the time that its rhythm takes.
with

feeds as (
    select
        source,
        feed,
        min(delivered_at) as watched_since
    from {{ source('landing', 'deliveries') }}
    group by source, feed
)

select
    feeds.source,
    feeds.feed,
    feeds.watched_since,
    expected.cadence,
    coalesce(rhythms.waits_for_month, false) as waits_for_month,
    greatest(expected.max_lag_hours, rhythms.max_lag_hours) as max_lag_hours,
    expected.volume_low_percent,
    expected.volume_high_percent,
    expected.valid_from,
    coalesce(expected.valid_to, date '9999-12-31') as valid_to
from feeds
inner join {{ ref('delivery_expectations') }} as expected
    on feeds.source = expected.source and feeds.feed glob expected.feed_pattern
left join {{ ref('feed_rhythms') }} as rhythms on feeds.source = rhythms.source and feeds.feed = rhythms.feed
qualify
    rank() over (partition by feeds.source, feeds.feed order by length(expected.feed_pattern) desc) = 1
