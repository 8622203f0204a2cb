-- Costs of the months that are passed on anew.
select
    costs.billing_period,
    costs.charge_date,
    costs.currency,
    costs.owner,
    costs.product,
    costs.cost_center,
    costs.tenant,
    costs.charge_category,
    costs.service_name,
    costs.billed_cost,
    costs.effective_cost
from {{ ref('cost_groups') }} as costs
inner join {{ ref('allocation_partitions') }} as partitions on costs.billing_period = partitions.billing_period
where {{ is_narrowed('allocations', 'partitions.partition_version') }}
