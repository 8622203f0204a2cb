-- What do clusters pay for nodes beyond their usual number, how much of it for empty ones, and which workload asked?
with

months as (
    select
        *,
        cast(date_trunc('month', usage_date) as date) as usage_month
    from {{ ref('fct_node_hours') }}
),

sizes as (
    select
        cluster,
        usage_month,
        currency,
        max(cluster_nodes) as most_nodes,
        min(usual_nodes) as usual_nodes,
        sum(node_hours) as node_hours,
        coalesce(sum(node_hours) filter (where not is_matched), 0) as empty_node_hours,
        sum(billed_cost) as billed_cost,
        coalesce(sum(billed_cost) filter (where not is_matched), 0) as empty_cost,
        coalesce(sum(billed_cost) filter (where is_added), 0) as added_cost
    from months
    group by cluster, usage_month, currency
),

-- of the workloads on added nodes the one with most pod hours there
asked as (
    select
        cluster,
        usage_month,
        top_namespace as namespace,
        top_workload as workload,
        sum(top_pod_hours) as pod_hours
    from months
    where is_added and is_matched
    group by cluster, usage_month, top_namespace, top_workload
    qualify row_number() over (
        partition by cluster, usage_month order by sum(top_pod_hours) desc, top_namespace asc, top_workload asc
    ) = 1
)

select
    sizes.cluster,
    sizes.usage_month,
    sizes.usual_nodes,
    sizes.most_nodes,
    sizes.node_hours,
    sizes.empty_node_hours,
    sizes.billed_cost,
    sizes.empty_cost,
    sizes.added_cost,
    sizes.currency,
    asked.namespace,
    asked.workload,
    asked.pod_hours as workload_pod_hours
from sizes
left join asked on sizes.cluster = asked.cluster and sizes.usage_month = asked.usage_month
order by sizes.added_cost desc, sizes.cluster asc, sizes.usage_month asc
