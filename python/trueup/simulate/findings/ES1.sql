-- Groups of spot and other machines whose daily spend passed what is usual: more hours than one machine can have.
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
