select
    provider,
    account_id,
    resource_id,
    max(resource_name) as resource_name,
    min(first_date) as first_unattributed_at,
    max(last_date) as last_unattributed_at,
    sum(charge_count) as charge_count,
    cast(sum(billed_cost_reporting) as {{ decimal_type() }}) as billed_cost_reporting
from {{ ref('resource_owners') }}
where owner = 'unattributed' and resource_id is not null
group by provider, account_id, resource_id
