-- On which days did an account pay far more for a service than it usually does on that weekday, and for which resource?
with

charges as (
    select
        *,
        cast(charge_period_start as date) as usage_date
    from {{ ref('fct_charges') }}
    where charge_category = 'Usage'
),

resource_days as (
    select
        provider,
        billing_currency,
        sub_account_id,
        service_name,
        usage_date,
        resource_id,
        sum(effective_cost) as effective_cost
    from charges
    group by provider, billing_currency, sub_account_id, service_name, usage_date, resource_id
),

service_days as (
    select
        provider,
        billing_currency,
        sub_account_id,
        service_name,
        usage_date,
        sum(effective_cost) as effective_cost,
        max_by(resource_id, effective_cost) as top_resource_id,
        max(effective_cost) as top_resource_cost
    from resource_days
    group by provider, billing_currency, sub_account_id, service_name, usage_date
),

-- four weeks to either side: a month that landed at once is judged like one that came day by day
same_weekdays as (
    select
        service_days.*,
        same_days.effective_cost as other_cost
    from service_days
    inner join service_days as same_days
        on
            service_days.provider = same_days.provider
            and service_days.billing_currency = same_days.billing_currency
            and service_days.sub_account_id = same_days.sub_account_id
            and service_days.service_name = same_days.service_name
            and same_days.usage_date - service_days.usage_date in (-28, -21, -14, -7, 7, 14, 21, 28)
),

usual as (
    select
        *,
        count(*) over same_day as days_compared,
        {{ quantile_of('other_cost') }} over same_day as usual_cost
    from same_weekdays
    window same_day as (partition by provider, billing_currency, sub_account_id, service_name, usage_date)
),

judged as (
    select
        provider,
        billing_currency,
        sub_account_id,
        service_name,
        usage_date,
        effective_cost,
        usual_cost,
        effective_cost - usual_cost as excess_cost,
        days_compared,
        top_resource_id,
        top_resource_cost,
        {{ quantile_of('abs(other_cost - usual_cost)') }} as usual_spread
    from usual
    group by all
)

select
    provider,
    billing_currency,
    sub_account_id,
    service_name,
    usage_date,
    effective_cost,
    usual_cost,
    excess_cost,
    {{ exact_ratio('effective_cost', 'usual_cost') }} as times_usual,
    days_compared,
    top_resource_id,
    top_resource_cost
from judged
-- below one unit of currency nobody looks
where days_compared >= 3 and excess_cost >= 1 and excess_cost > usual_cost and excess_cost > 3 * usual_spread
order by excess_cost desc
