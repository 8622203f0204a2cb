-- Days of billing exports that are missing though later ones are there, with what such days usually cost.
select
    source || '/' || feed || '/' || expected_on as subject,
    date_trunc('month', expected_on) as billing_period,
    'missing' as cause,
    estimated_missing_cost as amount,
    currency
from marts.fct_completeness as days
where
    status = 'missing'
    and currency is not null
    and expected_on < (
        select max(later.expected_on)
        from marts.fct_completeness as later
        where later.source = days.source and later.feed = days.feed and later.parts_received > 0
    )
