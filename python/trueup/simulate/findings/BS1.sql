-- Groups of machines, spot or not, that scaled far beyond their usual days: more hours in a day than one can have.
select
    resource_id as subject,
    date_trunc('month', usage_date) as billing_period,
    'usage' as cause,
    sum(excess_cost) as amount,
    currency
from marts.fct_usage_spikes
where regexp_matches(unit, '^(1 )?(hours?|hrs)$', 'i')
group by all
having max(quantity) > 24
