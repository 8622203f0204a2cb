-- The parts of a day (of a month, where that is the cadence) rolled up: how many there should be, which are there.
with

parts as (
    select
        expected.*,
        received.row_count,
        received.rows_late,
        received.billed_cost,
        received.first_delivered_at
    from {{ ref('expected_deliveries') }} as expected
    left join {{ ref('received_parts') }} as received
        on
            expected.source = received.source
            and expected.feed = received.feed
            and expected.provider = received.provider
            and expected.currency is not distinct from received.currency
            and expected.cadence = received.cadence
            and expected.part_starts_at = received.part_starts_at
)

select
    source,
    feed,
    provider,
    currency,
    cadence,
    expected_on,
    min(watched_since) as watched_since,
    min(volume_low_percent) as volume_low_percent,
    max(volume_high_percent) as volume_high_percent,
    max(part_ends_at) as ends_at,
    max(due_at) as due_at,
    count(*) as parts_expected,
    count(row_count) as parts_received,
    count(*) filter (where row_count is null and due_at <= {{ as_of() }}) as parts_missing,
    min(due_at) filter (where row_count is null and due_at <= {{ as_of() }}) as missing_since,
    string_agg(strftime(part_starts_at, '%H:%M'), ', ' order by part_starts_at) filter (
        where row_count is null and due_at <= {{ as_of() }} and cadence in ('hourly', 'six_hourly')
    ) as missing_parts,
    coalesce(sum(row_count), 0) as row_count,
    coalesce(sum(rows_late), 0) as rows_late,
    cast(case when currency is not null then coalesce(sum(billed_cost), 0) end as {{ decimal_type() }}) as billed_cost,
    max(first_delivered_at) as delivered_at
from parts
group by source, feed, provider, currency, cadence, expected_on
