-- What owners bear, as their statements have it: by whose charges, for what, and how it came to them.
select
    allocated.partition_version,
    allocated.billing_period,
    allocated.currency,
    allocated.owner,
    allocated.source_owner,
    allocated.product,
    allocated.tenant,
    coalesce(allocated.cost_center, directory.cost_center) as cost_center,
    allocated.rule_id,
    allocated.method,
    allocated.is_estimated,
    cast(sum(allocated.allocated_billed_cost) as {{ decimal_type() }}) as billed_cost,
    cast(sum(allocated.allocated_effective_cost) as {{ decimal_type() }}) as effective_cost
from {{ ref('allocated_costs') }} as allocated
left join {{ ref('owner_details') }} as directory on allocated.owner = directory.owner
group by all
