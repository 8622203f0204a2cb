select
    billing_period,
    waste_kind,
    provider,
    owner,
    environment,
    service_name,
    resource_id,
    currency,
    cast(sum(charge_count) as bigint) as charge_count,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
from {{ ref('waste_slices') }}
where effective_cost > 0
group by billing_period, waste_kind, provider, owner, environment, service_name, resource_id, currency
