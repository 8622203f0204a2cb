-- Days of billing exports that were late and came far later than their feed does: it may deliver once a month.
with days as (
    select
        *,
        median(lag_hours) over (partition by source, feed, provider, currency) as usual_lag_hours
    from marts.fct_completeness
    where currency is not null
)

select
    source || '/' || feed || '/' || expected_on as subject,
    date_trunc('month', expected_on) as billing_period,
    'late' as cause,
    billed_cost as amount,
    currency
from days
where status = 'late' and lag_hours > 24 + 3 * usual_lag_hours
