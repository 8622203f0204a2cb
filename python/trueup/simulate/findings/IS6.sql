-- Repositories whose builds took far more minutes than usual on the five days of a working week or more. Where that goes
-- on for half of the days around, it is no spike but another level.
with

spikes as (
    select
        resource_id as subject,
        date_trunc('month', usage_date) as billing_period,
        sum(excess_cost) as amount,
        currency
    from marts.fct_usage_spikes
    where regexp_matches(unit, '^(1 )?(minutes?|mins?)$', 'i')
    group by all
    having count(distinct usage_date) >= 5
),

levels as (
    select
        resource_id as subject,
        date_trunc('month', changed_on) as billing_period,
        excess_cost as amount,
        currency
    from marts.fct_unit_cost_trials
    where
        metric = 'transactions'
        and regexp_matches(unit, '^(1 )?(minutes?|mins?)$', 'i')
        and difference_percent >= 100
)

select
    subject,
    billing_period,
    'usage' as cause,
    amount,
    currency
from spikes
union all
select
    subject,
    billing_period,
    'usage' as cause,
    amount,
    currency
from levels
anti join spikes using (subject, billing_period)
