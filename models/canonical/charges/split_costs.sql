with

charges as (
    select * from {{ ref('charges') }}
),

shares as (
    select
        partition_id,
        parent_resource_id,
        charge_period_start,
        count(*) as share_count,
        cast(sum(split_cost) as {{ decimal_type() }}) as split_cost
    from charges
    where charge_kind = 'cost_share'
    group by partition_id, parent_resource_id, charge_period_start
),

-- Only the instance itself is split, not the traffic or the disks that bear its id.
parents as (
    select
        shares.partition_id,
        shares.parent_resource_id,
        shares.charge_period_start,
        cast(sum(charges.effective_cost) as {{ decimal_type() }}) as effective_cost
    from shares
    inner join charges
        on
            shares.partition_id = charges.partition_id
            and shares.parent_resource_id = charges.resource_id
            and shares.charge_period_start = charges.charge_period_start
    where charges.resource_type like 'Compute Instance%'
    group by shares.partition_id, shares.parent_resource_id, shares.charge_period_start
)

select
    shares.partition_id,
    shares.parent_resource_id,
    shares.charge_period_start,
    shares.share_count,
    parents.effective_cost,
    shares.split_cost,
    shares.split_cost - coalesce(parents.effective_cost, 0) as unreconciled_cost
from shares
left join parents
    on
        shares.partition_id = parents.partition_id
        and shares.parent_resource_id = parents.parent_resource_id
        and shares.charge_period_start = parents.charge_period_start
