{{ config(materialized='view') }}

-- Pods of all clusters, whatever reports of them, with the workload that they belong to.
with

pods as (
    select distinct
        cluster,
        node,
        namespace,
        pod,
        coalesce(
            {{ json_text('labels', '$.app_kubernetes_io_name') }},
            {{ json_text('labels', '$.app') }},
            regexp_replace(pod, '(-[0-9a-f]{6,10})?-[0-9a-z]{5,10}$|-[0-9]+$', '')
        ) as workload,
        usage_date,
        usage_start,
        usage_end
    from {{ ref('kubernetes_usage') }}
    where node is not null
    union all
    -- a pod has a row for each of its containers
    select distinct
        cluster,
        node,
        namespace,
        pod,
        coalesce(controller, pod) as workload,
        usage_date,
        usage_start,
        usage_end
    from {{ ref('opencost_costs') }}
    where node is not null and pod is not null
)

select
    cluster,
    node,
    namespace,
    workload,
    usage_date,
    count(distinct pod) as pod_count,
    cast(sum({{ whole_units_between('usage_start', 'usage_end') }}) as bigint) as pod_hours
from pods
group by cluster, node, namespace, workload, usage_date
