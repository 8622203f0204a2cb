-- Repositories whose builds took far more minutes than usual on the five days of a working week or more.
select
    resource_id as subject,
    date_trunc('month', usage_date) as billing_period,
    'usage' as cause,
    sum(excess_cost) as amount,
    currency
from marts.fct_usage_spikes
where regexp_matches(unit, '^(1 )?(minutes?|mins?)$', 'i')
group by all
having count(distinct usage_date) >= 5
