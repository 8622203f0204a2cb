select
    provider,
    billing_account_id,
    sku_id,
    billing_currency as currency,
    billing_period,
    place,
    resource_id,
    resource_count,
    resource_day_count,
    billed_cost,
    effective_cost
from {{ ref('resource_costs') }}
