-- What do a thousand calls of a function cost at each memory setting?
with

-- clouds name a function by a path whose last part is the name that its meters know
calls as (
    select
        account_id,
        regexp_extract({{ json_text('dimensions', 'resource') }}, '[^/]+$') as function_name,
        cast({{ json_text('dimensions', 'memory_mb') }} as integer) as memory_mb,
        usage_start,
        quantity as calls
    from {{ ref('fct_usage') }}
    where {{ json_text('dimensions', 'memory_mb') }} is not null
),

costs as (
    select
        billing_period,
        provider,
        billing_currency,
        sub_account_id,
        resource_id,
        regexp_extract(resource_id, '[^/]+$') as function_name,
        charge_period_start,
        charge_period_end,
        sum(effective_cost) as effective_cost
    from {{ ref('fct_charges') }}
    where
        charge_category = 'Usage'
        and regexp_extract(resource_id, '[^/]+$') in (select calls.function_name from calls)
    group by all
),

-- what is charged over a change of the setting counts for the one that most of its calls had
settings as (
    select
        costs.*,
        arg_max(calls.memory_mb, calls.calls) as memory_mb,
        sum(calls.calls) as calls
    from costs
    inner join calls
        on
            costs.sub_account_id = calls.account_id
            and costs.function_name = calls.function_name
            and costs.charge_period_start <= calls.usage_start
            and costs.charge_period_end > calls.usage_start
    group by all
),

priced as (
    select
        billing_period,
        provider,
        billing_currency,
        sub_account_id,
        resource_id,
        memory_mb,
        cast(min(charge_period_start) as date) as first_day,
        cast(max(charge_period_start) as date) as last_day,
        sum(calls) as calls,
        sum(effective_cost) as effective_cost,
        {{ exact_ratio('1000 * sum(effective_cost)', 'sum(calls)') }} as cost_per_1000_calls
    from settings
    group by billing_period, provider, billing_currency, sub_account_id, resource_id, memory_mb
)

select
    *,
    cost_per_1000_calls - min(cost_per_1000_calls) over (
        partition by billing_period, provider, billing_currency, sub_account_id, resource_id
    ) as above_cheapest
from priced
order by billing_period asc, sub_account_id asc, resource_id asc, memory_mb asc
