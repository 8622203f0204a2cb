select
    cluster,
    resource_id,
    usage_date,
    namespace,
    workload,
    tenant,
    coalesce(capacity_byte_seconds, 0) as capacity_byte_seconds,
    billed_cost as allocated_billed_cost,
    effective_cost as allocated_effective_cost,
    billing_currency as currency
from {{ ref('volume_costs') }}
