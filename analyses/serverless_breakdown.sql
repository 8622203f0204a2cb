-- What does each function cost a month: for its calls, for the time they run, and for a thousand of them?
with

charges as (
    select
        *,
        concat_ws(' ', consumed_unit, sku_meter, charge_description) as meter
    from {{ ref('fct_charges') }}
    where
        charge_category = 'Usage'
        and {{ is_serverless('service_name') }}
),

metered as (
    select
        *,
        {{ serverless_component('consumed_unit', 'meter') }} as component
    from charges
)

select
    billing_period,
    provider,
    billing_currency,
    sub_account_id,
    service_name,
    resource_id,
    coalesce(sum(consumed_quantity) filter (where component = 'calls'), 0) as calls,
    coalesce(sum(effective_cost) filter (where component = 'calls'), 0) as call_cost,
    coalesce(sum(effective_cost) filter (where component = 'duration'), 0) as duration_cost,
    coalesce(sum(effective_cost) filter (where component = 'other'), 0) as other_cost,
    sum(effective_cost) as effective_cost,
    {{ exact_ratio(
        '1000 * sum(effective_cost)', "sum(consumed_quantity) filter (where component = 'calls')"
    ) }} as cost_per_1000_calls
from metered
group by billing_period, provider, billing_currency, sub_account_id, service_name, resource_id
order by effective_cost desc, billing_period asc, sub_account_id asc, service_name asc, resource_id asc
