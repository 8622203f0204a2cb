-- Months of which all days lack usage events in a partition, though the stream went on elsewhere.
select
    source || '/' || feed || '/' || strftime(expected_on, '%Y-%m') as subject,
    date_trunc('month', expected_on) as billing_period,
    'missing' as cause,
    0 as amount
from marts.fct_completeness as days
where
    source = 'usage_events'
    and expected_on <= (
        select max(later.expected_on)
        from marts.fct_completeness as later
        where later.source = days.source and later.parts_received > 0
    )
group by source, feed, strftime(expected_on, '%Y-%m'), date_trunc('month', expected_on)
having bool_and(status = 'missing') and count(*) = day(last_day(min(expected_on)))
