-- Nodes of all clusters by the day, with the machine where some report ever names it: without pods, some never do.
with

listed as (
    select distinct
        cluster,
        node,
        resource_id,
        cast(usage_start as date) as usage_date
    from {{ ref('kubernetes_node_hours') }}
    union
    select distinct
        cluster,
        node,
        resource_id,
        usage_date
    from {{ ref('opencost_costs') }}
    where node is not null
)

select distinct
    cluster,
    node,
    coalesce(resource_id, max(resource_id) over (partition by cluster, node)) as resource_id,
    usage_date
from listed
