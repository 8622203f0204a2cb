-- Resources that used far more than usual, with what it costs.
select
    resource_id as subject,
    date_trunc('month', usage_date) as billing_period,
    'usage' as cause,
    sum(excess_cost) as amount,
    currency
from marts.fct_usage_spikes
group by resource_id, date_trunc('month', usage_date), currency
