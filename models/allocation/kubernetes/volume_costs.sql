-- The cost of each volume, split to the last decimal over those who mount it.
select
    cluster,
    resource_id,
    usage_date,
    billing_currency,
    namespace,
    workload,
    tenant,
    capacity_byte_seconds,
    billed_cost,
    effective_cost
from {{ cost_parts(
    ref('volume_shares'),
    split='resource_id, usage_date, billing_currency',
    ties='namespace asc nulls last, workload asc nulls last, tenant asc nulls last'
) }}
