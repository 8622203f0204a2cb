-- What did each incident cost beyond what its services' products cost on the same weekdays around it?
with

incidents as (
    select
        incident_id,
        started_at,
        ended_at,
        unnest(string_split(services, ';')) as service
    from {{ ref('stg_incidents__incidents') }}
),

daily as (
    select
        product,
        billing_currency,
        cast(charge_period_start as date) as usage_date,
        sum(effective_cost) as effective_cost
    from {{ ref('fct_charges') }}
    where charge_category = 'Usage'
    group by product, billing_currency, cast(charge_period_start as date)
),

during as (
    select
        incidents.incident_id,
        trim(incidents.service) as service,
        daily.billing_currency,
        daily.usage_date,
        daily.effective_cost
    from incidents
    inner join daily
        on
            trim(incidents.service) = daily.product
            and daily.usage_date >= cast(incidents.started_at as date)
            and daily.usage_date <= cast(incidents.ended_at as date)
),

baselines as (
    select
        during.incident_id,
        during.service,
        during.billing_currency,
        during.usage_date,
        count(*) as baseline_days,
        {{ quantile_of('daily.effective_cost') }} as baseline_cost
    from during
    inner join daily
        on
            during.service = daily.product
            and during.billing_currency = daily.billing_currency
            and during.usage_date != daily.usage_date
            and extract('isodow' from during.usage_date) = extract('isodow' from daily.usage_date)
            and daily.usage_date >= during.usage_date - interval 28 day
            and daily.usage_date <= during.usage_date + interval 28 day
    group by during.incident_id, during.service, during.billing_currency, during.usage_date
)

select
    during.incident_id,
    during.service,
    during.billing_currency,
    count(*) as incident_days,
    min(baselines.baseline_days) as baseline_days,
    sum(during.effective_cost) as effective_cost,
    sum(baselines.baseline_cost) as baseline_cost,
    sum(during.effective_cost - baselines.baseline_cost) as incident_cost
from during
inner join baselines
    on
        during.incident_id = baselines.incident_id
        and during.service = baselines.service
        and during.billing_currency = baselines.billing_currency
        and during.usage_date = baselines.usage_date
group by during.incident_id, during.service, during.billing_currency
order by during.incident_id, during.service, during.billing_currency
