select
    cluster,
    namespace,
    service,
    provider,
    resource_id,
    usage_date,
    tenant,
    billed_cost,
    effective_cost,
    billing_currency as currency
from {{ ref('load_balancer_costs') }}
