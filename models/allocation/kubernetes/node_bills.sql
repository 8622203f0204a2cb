-- What each node of a cluster is billed by the day, over its SKUs, with what it has and in which weights.
with

bills as (
    select
        cluster,
        resource_id,
        max(node) as node,
        usage_date,
        billing_currency,
        cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
        cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
    from {{ ref('billed_nodes') }}
    group by cluster, resource_id, usage_date, billing_currency
)

select
    bills.*,
    coalesce(capacities.cpu_core_seconds, 0) as cpu_core_seconds,
    coalesce(capacities.memory_byte_seconds, 0) as memory_byte_seconds,
    {{ node_weight('capacities.cpu_core_seconds', 'capacities.memory_byte_seconds', 'weights.gib_per_core') }}
        as capacity_weight
from bills
left join {{ ref('node_capacities') }} as capacities
    on
        bills.cluster = capacities.cluster
        and bills.node = capacities.node
        and bills.usage_date = capacities.usage_date
left join {{ ref('cluster_weights') }} as weights
    on bills.cluster = weights.cluster and bills.usage_date = weights.usage_date
