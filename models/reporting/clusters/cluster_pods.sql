{{ config(materialized='view') }}

-- Pods of all clusters, whatever reports of them, with the workload that they belong to.
select
    cluster,
    node,
    namespace,
    workload,
    usage_date,
    count(distinct pod) as pod_count,
    cast(sum({{ whole_units_between('usage_start', 'usage_end') }}) as bigint) as pod_hours
from {{ ref('pod_intervals') }}
group by cluster, node, namespace, workload, usage_date
