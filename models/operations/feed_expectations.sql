-- The longest pattern that matches a feed decides what is expected of it.
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
    expected.max_lag_hours,
    expected.volume_low_percent,
    expected.volume_high_percent,
    expected.valid_from,
    coalesce(expected.valid_to, date '9999-12-31') as valid_to
from feeds
inner join {{ ref('delivery_expectations') }} as expected
    on feeds.source = expected.source and feeds.feed glob expected.feed_pattern
qualify
    rank() over (partition by feeds.source, feeds.feed order by length(expected.feed_pattern) desc) = 1
