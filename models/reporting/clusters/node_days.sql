-- Billed nodes with the pods that ran on them, and whether the cluster has them beyond its usual number: such as it has
-- on the middle day of the four weeks to either side.
with

ranked as (
    select
        *,
        row_number() over (
            partition by cluster, node, usage_date order by pod_hours desc, namespace asc, workload asc
        ) as place
    from {{ ref('cluster_pods') }}
),

pods as (
    select
        cluster,
        node,
        usage_date,
        sum(pod_count) as pod_count,
        sum(pod_hours) as pod_hours,
        max(namespace) filter (where place = 1) as top_namespace,
        max(workload) filter (where place = 1) as top_workload,
        max(pod_hours) filter (where place = 1) as top_pod_hours
    from ranked
    group by cluster, node, usage_date
),

nodes as (
    select
        billed.*,
        coalesce(pods.pod_count, 0) as pod_count,
        coalesce(pods.pod_hours, 0) as pod_hours,
        pods.top_namespace,
        pods.top_workload,
        pods.top_pod_hours
    from {{ ref('billed_nodes') }} as billed
    left join pods
        on billed.cluster = pods.cluster and billed.node = pods.node and billed.usage_date = pods.usage_date
),

sizes as (
    select
        cluster,
        usage_date,
        count(*) as cluster_nodes,
        list(count(*)) over (
            partition by cluster order by usage_date
            range between interval 28 day preceding and interval 28 day following
        ) as nearby_sizes
    from nodes
    group by cluster, usage_date
),

sized as (
    select
        nodes.*,
        sizes.cluster_nodes,
        {{ middle_of('sizes.nearby_sizes') }} as usual_nodes
    from nodes
    inner join sizes on nodes.cluster = sizes.cluster and nodes.usage_date = sizes.usage_date
)

select
    *,
    pod_count > 0 as is_matched,
    -- there on no day on which the cluster had its usual size
    bool_and(cluster_nodes > usual_nodes) over (partition by cluster, resource_id) as is_added
from sized
