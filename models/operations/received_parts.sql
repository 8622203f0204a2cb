-- Of a feed that replaces whole periods, the rows of a superseded delivery are not opened again: a part counts
-- as there from the first delivery after its end.
with

parts as (
    select
        hours.source,
        hours.feed,
        hours.provider,
        hours.currency,
        feeds.cadence,
        {{ part_start('feeds.cadence', 'hours.received_hour') }} as part_starts_at,
        min(hours.billing_period) as billing_period,
        min(hours.delivered_at) as first_delivered_at,
        sum(hours.row_count) as row_count,
        sum(hours.row_count) filter (
            where hours.delivered_at
            > {{ part_due('feeds.cadence', 'hours.received_hour', 'feeds.waits_for_month', 'feeds.max_lag_hours') }}
        ) as rows_late,
        cast(sum(hours.billed_cost) as {{ decimal_type() }}) as billed_cost
    from {{ ref('received_hours') }} as hours
    inner join {{ ref('feed_expectations') }} as feeds
        on
            hours.source = feeds.source
            and hours.feed = feeds.feed
            and hours.received_hour >= feeds.valid_from
            and hours.received_hour < feeds.valid_to
    group by
        hours.source, hours.feed, hours.provider, hours.currency, feeds.cadence,
        {{ part_start('feeds.cadence', 'hours.received_hour') }}
),

replaced as (
    select
        parts.source,
        parts.feed,
        parts.cadence,
        parts.part_starts_at,
        min(deliveries.delivered_at) as first_delivered_at
    from parts
    inner join {{ source('landing', 'deliveries') }} as deliveries
        on
            parts.source = deliveries.source
            and parts.feed = deliveries.feed
            and parts.billing_period = deliveries.billing_period
            and deliveries.delivered_at >= parts.part_starts_at + {{ part_length('parts.cadence') }}
    where deliveries.delivery_kind = 'replace' and deliveries.status in ('current', 'superseded')
    group by parts.source, parts.feed, parts.cadence, parts.part_starts_at
)

select
    parts.* exclude (first_delivered_at, rows_late),
    least(replaced.first_delivered_at, parts.first_delivered_at) as first_delivered_at,
    case when replaced.source is null then coalesce(parts.rows_late, 0) else 0 end as rows_late
from parts
left join replaced
    on
        parts.source = replaced.source
        and parts.feed = replaced.feed
        and parts.cadence = replaced.cadence
        and parts.part_starts_at = replaced.part_starts_at
