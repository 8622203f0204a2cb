-- Costs of the months that are passed on anew.
select
    grouped.billing_period,
    grouped.charge_date,
    grouped.currency,
    grouped.owner,
    grouped.product,
    grouped.cost_center,
    grouped.tenant,
    grouped.charge_category,
    grouped.service_name,
    grouped.billed_cost,
    grouped.effective_cost
from {{ ref('cost_groups') }} as grouped
inner join {{ ref('allocation_partitions') }} as partitions on grouped.billing_period = partitions.billing_period
where {{ is_narrowed('allocations', 'partitions.partition_version') }}
