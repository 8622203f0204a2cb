-- On which days did a function cost more than twice as much as usual, for more calls or for dearer ones?
with

metered as (
    select
        *,
        cast(charge_period_start as date) as usage_date,
        {{ serverless_component('consumed_unit', "concat_ws(' ', consumed_unit, sku_meter, charge_description)") }}
            as component
    from {{ ref('fct_charges') }}
    where charge_category = 'Usage' and resource_id is not null and {{ is_serverless('service_name') }}
),

days as (
    select
        billing_period,
        provider,
        billing_currency,
        sub_account_id,
        resource_id,
        usage_date,
        coalesce(sum(consumed_quantity) filter (where component = 'calls'), 0) as calls,
        coalesce(sum(effective_cost) filter (where component = 'calls'), 0) as call_cost,
        coalesce(sum(effective_cost) filter (where component = 'duration'), 0) as duration_cost,
        sum(effective_cost) as effective_cost
    from metered
    group by billing_period, provider, billing_currency, sub_account_id, resource_id, usage_date
),

-- usual is the middle one of the function's days in the month
usual as (
    select
        *,
        quantile_disc(calls, 0.5) over by_month as usual_calls,
        quantile_disc(effective_cost, 0.5) over by_month as usual_cost
    from days
    window by_month as (partition by billing_period, provider, billing_currency, sub_account_id, resource_id)
)

select
    *,
    effective_cost - usual_cost as excess_cost,
    {{ exact_ratio('effective_cost', 'usual_cost') }} as times_usual,
    case
        when usual_calls = 0 then 'no_calls_stated'
        when calls > 2 * usual_calls then 'more_calls'
        else 'dearer_calls'
    end as reason
from usual
where effective_cost > 2 * usual_cost
order by excess_cost desc, usage_date asc, resource_id asc
