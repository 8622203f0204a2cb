-- Resources that made the cost of a service jump: a day cost five times what such weekdays of theirs do (a jump of a day
-- stands on two days in part). Only days on which a resource was there count: one that is new did not jump.
with

days as (
    select
        provider,
        resource_id,
        date_trunc('day', charge_period_start) as usage_date,
        sum(effective_cost) as cost
    from marts.fct_charges
    where charge_category = 'Usage'
    group by provider, resource_id, date_trunc('day', charge_period_start)
),

compared as (
    select
        *,
        median(cost) over (partition by provider, resource_id, extract(isodow from usage_date)) as usual_cost
    from days
)

select
    anomalies.top_resource_id as subject,
    date_trunc('month', anomalies.usage_date) as billing_period,
    'usage' as cause,
    sum(anomalies.top_resource_excess_cost) as amount,
    anomalies.billing_currency as currency
from marts.fct_cost_anomalies as anomalies
inner join compared
    on
        anomalies.provider = compared.provider
        and anomalies.top_resource_id = compared.resource_id
        and anomalies.usage_date = compared.usage_date
group by anomalies.top_resource_id, date_trunc('month', anomalies.usage_date), anomalies.billing_currency
having bool_or(compared.cost >= 5 * compared.usual_cost)
