-- Gaps in a partition of usage events, by their first day; what lacks a whole month or ended is another matter.
with

days as (
    select
        *,
        bool_and(status = 'missing') over (partition by feed, date_trunc('month', expected_on)) as is_month_missing,
        max(expected_on) filter (where parts_received > 0) over (partition by feed) as last_day,
        lag(status) over (partition by feed order by expected_on) as status_before
    from marts.fct_completeness
    where source = 'usage_events'
)

select
    source || '/' || feed || '/' || expected_on as subject,
    date_trunc('month', expected_on) as billing_period,
    'missing' as cause,
    0 as amount
from days
where
    status = 'missing'
    and status_before != 'missing'
    and not is_month_missing
    and expected_on < last_day
