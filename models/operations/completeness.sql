-- Each day against its own history: the same weekday of the last eight weeks, as far as it was complete. Where no
-- such weekday has been seen, the last eight complete days stand in for the money.
with

days as (
    select
        *,
        case when cadence = 'monthly' then 0 else extract(isodow from expected_on) end as cycle_day,
        case when parts_received = parts_expected then row_count end as whole_rows,
        case when parts_received = parts_expected then billed_cost end as whole_cost
    from {{ ref('delivery_days') }}
),

compared as (
    select
        *,
        count(whole_rows) over same_weekday as days_compared,
        {{ quantile_of('whole_rows') }} over same_weekday as usual_rows,
        coalesce(
            {{ quantile_of('whole_cost') }} over same_weekday, {{ quantile_of('whole_cost') }} over last_days
        ) as usual_cost
    from days
    window
        same_weekday as (
            partition by source, feed, provider, currency, cadence, cycle_day
            order by expected_on rows between 8 preceding and 1 preceding
        ),
        last_days as (
            partition by source, feed, provider, currency, cadence
            order by expected_on rows between 8 preceding and 1 preceding
        )
),

judged as (
    select
        *,
        case
            when parts_missing > 0 then 'missing'
            when due_at > {{ as_of() }} then 'provisional'
            when days_compared >= 3 and row_count * 100 < usual_rows * volume_low_percent then 'low_volume'
            when days_compared >= 3 and row_count * 100 > usual_rows * volume_high_percent then 'high_volume'
            -- what was due before the feed was first seen came with its history
            when due_at >= watched_since and (delivered_at > due_at or rows_late > 0) then 'late'
            else 'complete'
        end as status
    from compared
)

select
    source,
    feed,
    provider,
    currency,
    cadence,
    expected_on,
    status,
    parts_expected,
    parts_received,
    parts_missing,
    missing_parts,
    missing_since,
    row_count,
    rows_late,
    days_compared,
    usual_rows,
    billed_cost,
    usual_cost,
    case when status in ('missing', 'low_volume') then greatest(usual_cost - billed_cost, 0) end
        as estimated_missing_cost,
    due_at,
    delivered_at,
    {{ whole_units_between('ends_at', 'delivered_at') }} as lag_hours,
    case when parts_missing > 0 then {{ whole_units_between('missing_since', as_of()) }} else 0 end as hours_overdue,
    watched_since
from judged
