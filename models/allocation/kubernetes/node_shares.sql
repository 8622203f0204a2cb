-- Who has how much of a billed node, on both bases: its workloads, the platform's own among them, and nobody. A node of
-- which nothing is known is idle.
with

bases as (
    select unnest(['allocated', 'used']) as basis
),

taken as (
    select
        bases.basis,
        weights.cluster,
        weights.node,
        weights.usage_date,
        weights.namespace,
        weights.workload,
        weights.tenant,
        weights.is_overhead,
        case bases.basis when 'used' then weights.used_weight else weights.allocated_weight end as weight
    from {{ ref('pod_weights') }} as weights
    cross join bases
),

sums as (
    select
        basis,
        cluster,
        node,
        usage_date,
        sum(weight) as weight
    from taken
    group by basis, cluster, node, usage_date
)

select
    bills.cluster,
    bills.resource_id,
    bills.usage_date,
    bills.billing_currency,
    taken.basis,
    case when taken.is_overhead then 'overhead' else 'pod' end as pool,
    taken.namespace,
    taken.workload,
    taken.tenant,
    bills.billed_cost,
    bills.effective_cost,
    taken.weight
from {{ ref('node_bills') }} as bills
inner join taken
    on bills.cluster = taken.cluster and bills.node = taken.node and bills.usage_date = taken.usage_date
union all
select
    bills.cluster,
    bills.resource_id,
    bills.usage_date,
    bills.billing_currency,
    bases.basis,
    'idle' as pool,
    null as namespace,
    null as workload,
    null as tenant,
    bills.billed_cost,
    bills.effective_cost,
    greatest(
        bills.capacity_weight - coalesce(sums.weight, 0), case when coalesce(sums.weight, 0) = 0 then 1 else 0 end
    ) as weight
from {{ ref('node_bills') }} as bills
cross join bases
left join sums
    on
        bills.cluster = sums.cluster
        and bills.node = sums.node
        and bills.usage_date = sums.usage_date
        and bases.basis = sums.basis
