-- Months in which a feed says something, with the time between its first event and its last. Without a word in a month
-- a feed does not meter it.
select
    partitions.feed,
    cast(date_trunc('month', hours.usage_hour) as date) as usage_month,
    min(min(hours.usage_hour)) over (partition by partitions.feed) as starts_at,
    max(max(hours.usage_hour) + interval 1 hour) over (partition by partitions.feed) as ends_at
from {{ ref('usage_hours') }} as hours
inner join {{ ref('usage_partitions') }} as partitions on hours.partition_version = partitions.partition_version
where partitions.source = 'usage_events'
group by partitions.feed, date_trunc('month', hours.usage_hour)
