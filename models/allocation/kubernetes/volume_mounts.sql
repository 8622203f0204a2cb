-- What workloads mount of volumes by the day, with the tenant of their pods: the size of the claim for as long as it is
-- mounted.
with

pods as (
    select
        cluster,
        namespace,
        pod,
        usage_date,
        max(workload) as workload,
        max(tenant) as tenant
    from {{ ref('pod_intervals') }}
    group by cluster, namespace, pod, usage_date
)

select
    volumes.cluster,
    volumes.resource_id,
    volumes.usage_date,
    volumes.namespace,
    coalesce(pods.workload, volumes.pod) as workload,
    pods.tenant,
    cast(sum(volumes.capacity_byte_seconds) as {{ decimal_type() }}) as capacity_byte_seconds,
    {{ node_weight('0', 'sum(volumes.capacity_byte_seconds)', '1') }} as weight
from {{ ref('kubernetes_volume_usage') }} as volumes
left join pods
    on
        volumes.cluster = pods.cluster
        and volumes.namespace = pods.namespace
        and volumes.pod = pods.pod
        and volumes.usage_date = pods.usage_date
where volumes.resource_id is not null
group by
    volumes.cluster, volumes.resource_id, volumes.usage_date, volumes.namespace,
    coalesce(pods.workload, volumes.pod), pods.tenant
