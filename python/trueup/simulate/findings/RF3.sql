-- Resources whose last or first days of a month are billed in the other one.
select
    resource_id as subject,
    billing_period,
    'timing' as cause,
    sum(timing_variance) as amount,
    currency
from marts.fct_reconciliation_diffs
where cause = 'timing' and resource_id is not null
group by resource_id, billing_period, currency
