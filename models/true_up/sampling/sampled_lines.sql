-- What a vendor bills where our samples count the same, line by line added up: how far they lean to one side is told by
-- the sum of their differences, how sure that is by how these scatter.
with

intervals as (
    select distinct
        used.partition_id,
        used.account_id,
        used.sku_id,
        used.agent_resource,
        used.interval_starts_at
    from {{ ref('vendor_usage') }} as used
    inner join {{ ref('usage') }} as events on used.usage_id = events.usage_id
    where events.sampling_rate < 1 and used.interval_starts_at is not null
),

compared as (
    select
        metered.account_id,
        metered.sku_id,
        metered.agent_resource,
        charges.resource_id,
        metered.billing_period,
        metered.provider_quantity,
        metered.own_quantity,
        charges.billed_cost,
        dues.expected_amount,
        charges.billing_currency
    from intervals
    inner join {{ ref('metered_charges') }} as metered
        on
            intervals.partition_id = metered.partition_id
            and intervals.account_id = metered.account_id
            and intervals.sku_id = metered.sku_id
            and intervals.agent_resource = metered.agent_resource
            and intervals.interval_starts_at = metered.charge_period_start
    inner join {{ ref('charges') }} as charges on metered.charge_id = charges.charge_id
    left join {{ ref('due_charges') }} as dues on metered.charge_id = dues.charge_id
)

select
    account_id,
    sku_id,
    agent_resource,
    billing_period,
    min(resource_id) as resource_id,
    count(*) as line_count,
    cast(sum(provider_quantity) as {{ decimal_type() }}) as billed_quantity,
    cast(sum(own_quantity) as {{ decimal_type() }}) as estimated_quantity,
    cast(sum(own_quantity - provider_quantity) as {{ decimal_type() }}) as bias_quantity,
    sqrt(count(*) * var_samp(own_quantity - provider_quantity)) as bias_stderr,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
    cast(sum(billed_cost - expected_amount) as {{ decimal_type() }}) as variance_amount,
    billing_currency as currency
from compared
group by account_id, sku_id, agent_resource, billing_period, billing_currency
