-- What OpenCost says that the pods of its cluster cost, and what of the nodes no pod has. It prices nodes by the public
-- list: seven tenths for their cores, the rest for memory. Needs the tables of kubernetes.sql.
create or replace temp table opencost_allocations as
with

node_prices as (
    select
        node_usage.*,
        clusters.cluster,
        clusters.node_millicores,
        clusters.node_bytes,
        nodes.node,
        machines.resource_id,
        cast(prices.list_price * 10000000 as bigint) * 7 // 10 // (clusters.node_millicores // 1000)
        * 0.0000001::decimal(8, 7) as core_price,
        cast(prices.list_price * 10000000 as bigint) * 3 // 10 // (clusters.node_bytes >> 30)
        * 0.0000001::decimal(8, 7) as memory_price
    from node_usage
    inner join clusters on node_usage.cluster_no = clusters.cluster_no
    inner join nodes on node_usage.resource_no = nodes.resource_no
    inner join billed_resources as machines on node_usage.resource_no = machines.resource_no
    inner join prices
        on
            machines.sku_no = prices.sku_no
            and node_usage.usage_start >= prices.effective_from
            and node_usage.usage_start < coalesce(prices.effective_to, timestamp '9999-12-31')
    where clusters.is_opencost
),

balancer_costs as (
    select
        balancers.workload_no,
        run_pods.usage_start,
        sum(date_diff('hour', run_pods.usage_start, run_pods.usage_end) * prices.list_price) as cost
    from balancers
    inner join billed_resources on balancers.resource_no = billed_resources.resource_no
    inner join (select distinct workload_no, usage_start, usage_end from run_pods where is_opencost) as run_pods
        on
            balancers.workload_no = run_pods.workload_no
            and run_pods.usage_start >= billed_resources.born_at
            and run_pods.usage_start < billed_resources.gone_at
    inner join prices
        on
            billed_resources.sku_no = prices.sku_no
            and run_pods.usage_start >= prices.effective_from
            and run_pods.usage_start < coalesce(prices.effective_to, timestamp '9999-12-31')
    group by balancers.workload_no, run_pods.usage_start
),

-- A pod has what it requests, or what it uses if that is more.
pods as (
    select
        *,
        greatest(millicores_requested, millicores_used) as millicores,
        greatest(bytes_requested, bytes_used) as bytes,
        row_number() over (partition by workload_no, usage_start order by place_no, pod) as pod_of_workload
    from run_pods
    where is_opencost
),

pod_rows as (
    select
        pods.cluster || '/' || pods.node || '/' || pods.namespace || '/' || pods.pod || '/' || pods.workload as name,
        {
            'cluster': pods.cluster, 'node': pods.node, 'namespace': pods.namespace,
            'controllerKind': lower(pods.controller), 'controller': pods.workload, 'pod': pods.pod,
            'container': pods.workload, 'providerID': pods.resource_id, 'labels': pods.labels
        } as properties,
        pods.usage_start,
        pods.usage_end,
        pods.seconds,
        pods.resource_no,
        pods.millicores,
        pods.millicores_requested,
        pods.millicores_used,
        pods.bytes,
        pods.bytes_requested,
        pods.bytes_used,
        cast(pods.millicores as hugeint) * pods.seconds as core_time,
        cast(pods.bytes as hugeint) * pods.seconds as byte_time,
        coalesce(volumes.capacity_bytes * volumes.seconds // 3600, 0) as volume_byte_hours,
        coalesce(
            cast(thousandths(volumes.thousandths_of_gb * volumes.seconds // 3600) * prices.list_price as decimal(38, 10)),
            0
        ) as volume_cost,
        case when pods.pod_of_workload = 1 then coalesce(balancer_costs.cost, 0) else 0 end as balancer_cost
    from pods
    left join mounted_volumes as volumes
        on pods.place_no = volumes.place_no and pods.usage_start = volumes.usage_start
    left join prices
        on
            volumes.sku_no = prices.sku_no
            and pods.usage_start >= prices.effective_from
            and pods.usage_start < coalesce(prices.effective_to, timestamp '9999-12-31')
    left join balancer_costs
        on pods.workload_no = balancer_costs.workload_no and pods.usage_start = balancer_costs.usage_start
),

node_pods as (
    select
        resource_no,
        usage_start,
        sum(core_time) as core_time,
        sum(byte_time) as byte_time
    from pod_rows
    group by resource_no, usage_start
),

idle_rows as (
    select
        nodes.cluster || '/' || nodes.node || '/__idle__' as name,
        {'cluster': nodes.cluster, 'node': nodes.node, 'providerID': nodes.resource_id} as properties,
        nodes.usage_start,
        nodes.usage_end,
        nodes.seconds,
        nodes.resource_no,
        cast(nodes.node_millicores as hugeint) * nodes.seconds - coalesce(node_pods.core_time, 0) as core_time,
        cast(nodes.node_bytes as hugeint) * nodes.seconds - coalesce(node_pods.byte_time, 0) as byte_time
    from node_prices as nodes
    left join node_pods
        on nodes.resource_no = node_pods.resource_no and nodes.usage_start = node_pods.usage_start
),

measured as (
    select
        *,
        cast(core_time * 1000 // 3600 as bigint) * 0.000001::decimal(7, 6) as core_hours,
        cast(byte_time * 1000000 // 3600 // 1073741824 as bigint) * 0.000001::decimal(7, 6) as memory_hours
    from (
        select * from pod_rows
        union all by name
        select * from idle_rows
    )
),

costed as (
    select
        measured.*,
        cast(measured.core_hours * node_prices.core_price as decimal(38, 10)) as core_cost,
        cast(measured.memory_hours * node_prices.memory_price as decimal(38, 10)) as memory_cost
    from measured
    inner join node_prices
        on measured.resource_no = node_prices.resource_no and measured.usage_start = node_prices.usage_start
)

select
    name,
    properties,
    {'start': strftime(usage_start, '%Y-%m-%dT%H:%M:%SZ'), 'end': strftime(usage_end, '%Y-%m-%dT%H:%M:%SZ')} as window,
    strftime(usage_start, '%Y-%m-%dT%H:%M:%SZ') as "start",
    strftime(usage_end, '%Y-%m-%dT%H:%M:%SZ') as "end",
    thousandths(seconds * 1000 // 60) as minutes,
    thousandths(millicores) as cpuCores,
    thousandths(millicores_requested) as cpuCoreRequestAverage,
    thousandths(millicores_used) as cpuCoreUsageAverage,
    core_hours as cpuCoreHours,
    core_cost as cpuCost,
    0 as cpuCostAdjustment,
    0 as networkCost,
    coalesce(balancer_cost, 0) as loadBalancerCost,
    0 as loadBalancerCostAdjustment,
    coalesce(volume_byte_hours, 0) as pvByteHours,
    coalesce(volume_cost, 0) as pvCost,
    0 as pvCostAdjustment,
    bytes as ramBytes,
    bytes_requested as ramByteRequestAverage,
    bytes_used as ramByteUsageAverage,
    byte_time // 3600 as ramByteHours,
    memory_cost as ramCost,
    0 as ramCostAdjustment,
    0 as sharedCost,
    0 as externalCost,
    core_cost + memory_cost + coalesce(volume_cost, 0) + coalesce(balancer_cost, 0) as totalCost
from costed;
