-- Resources that made the cost of a service jump: on a day that cost eight times what such weekdays do, and five times
-- what the resource's days do, as far as it was there: one that is new did not jump.
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

usual as (
    select
        provider,
        resource_id,
        median(cost) as usual_cost
    from days
    group by provider, resource_id
)

select
    anomalies.top_resource_id as subject,
    date_trunc('month', anomalies.usage_date) as billing_period,
    'usage' as cause,
    sum(anomalies.top_resource_excess_cost) as amount,
    anomalies.billing_currency as currency
from marts.fct_cost_anomalies as anomalies
inner join days
    on
        anomalies.provider = days.provider
        and anomalies.top_resource_id = days.resource_id
        and anomalies.usage_date = days.usage_date
inner join usual
    on anomalies.provider = usual.provider and anomalies.top_resource_id = usual.resource_id
group by anomalies.top_resource_id, date_trunc('month', anomalies.usage_date), anomalies.billing_currency
having
    bool_or(
        days.cost >= 8 * (days.cost - anomalies.top_resource_excess_cost)
        and days.cost >= 5 * usual.usual_cost
    )
