-- What the metering of clusters sees, and tables of it in the form of the Koku metrics operator. Needs pod_usage and
-- node_usage of the month.

-- Machines, disks and load balancers as the bill names them.
create or replace temp table billed_resources as
select
    resources.resource_no,
    resources.sku_no,
    resources.base_quantity,
    resources.born_at,
    resources.gone_at,
    case payers.export
        when 'azure_cost' then '/subscriptions/' || accounts.account_id || resources.resource_id
        when 'gcp_billing'
            then
                '//compute.googleapis.com/projects/' || accounts.account_id || '/zones/' || skus.region
                || '-b/instances/' || resources.resource_id
        else resources.resource_id
    end as resource_id
from resources
inner join payers on resources.payer_no = payers.payer_no
inner join accounts on resources.account_no = accounts.account_no
inner join skus on resources.sku_no = skus.sku_no
where skus.family in ('kubernetes_node', 'block_storage', 'load_balancer');

create or replace temp table run_pods as
select
    pod_usage.*,
    clusters.cluster,
    clusters.is_opencost,
    clusters.node_millicores,
    clusters.node_bytes,
    clusters.places_per_node,
    node_usage.seconds as node_seconds,
    nodes.node,
    machines.resource_id,
    machines.sku_no,
    namespaces.namespace,
    workloads.workload,
    workloads.controller,
    map_from_entries(list_filter(
        [
            ('app', workloads.workload), ('team', teams.team), ('product', products.product),
            ('environment', namespaces.environment), ('tenant', tenants.tenant)
        ],
        lambda label: label[2] is not null and (workloads.is_labelled or label[1] in ('app', 'tenant'))
    )) as labels
from pod_usage
inner join clusters on pod_usage.cluster_no = clusters.cluster_no
inner join nodes on pod_usage.resource_no = nodes.resource_no
inner join node_usage
    on pod_usage.resource_no = node_usage.resource_no and pod_usage.usage_start = node_usage.usage_start
inner join billed_resources as machines on pod_usage.resource_no = machines.resource_no
inner join workloads on pod_usage.workload_no = workloads.workload_no
left join tenants on workloads.tenant_no = tenants.tenant_no
inner join namespaces on workloads.namespace_no = namespaces.namespace_no
inner join products on namespaces.product_no = products.product_no
inner join teams on products.team_no = teams.team_no;

create or replace temp table mounted_volumes as
select
    run_pods.cluster_no,
    run_pods.usage_start,
    run_pods.usage_end,
    run_pods.namespace,
    run_pods.pod,
    run_pods.place_no,
    run_pods.node,
    run_pods.workload,
    run_pods.seconds,
    disks.resource_id,
    disks.sku_no,
    disks.base_quantity as thousandths_of_gb,
    disks.base_quantity * 1000000 as capacity_bytes,
    300 + cast(hash(disks.resource_no) % 600 as bigint) as used_permille,
    'pvc-' || left(md5(disks.resource_id), 12) as volume
from run_pods
inner join volumes on run_pods.place_no = volumes.place_no
inner join billed_resources as disks on volumes.resource_no = disks.resource_no
where run_pods.usage_start >= disks.born_at and run_pods.usage_start < disks.gone_at;

create or replace temp macro koku_time(moment) as strftime(moment, '%Y-%m-%d %H:%M:%S +0000 UTC');
create or replace temp macro koku_labels(labels) as
    array_to_string(
        list_transform(map_entries(labels), lambda label: 'label_' || label.key || ':' || label.value), '|'
    );
create or replace temp macro thousandths(number) as cast(number as decimal(18, 0)) * 0.001::decimal(4, 3);

create or replace temp table kubernetes_pods as
select
    cluster_no,
    koku_time(date_trunc('month', usage_start)) as report_period_start,
    koku_time(date_trunc('month', usage_start) + interval 1 month) as report_period_end,
    koku_time(usage_start) as interval_start,
    koku_time(usage_end - interval 1 second) as interval_end,
    pod,
    namespace,
    node,
    resource_id,
    thousandths(millicores_used * seconds) as pod_usage_cpu_core_seconds,
    thousandths(millicores_requested * seconds) as pod_request_cpu_core_seconds,
    thousandths(node_millicores // places_per_node * seconds) as pod_limit_cpu_core_seconds,
    bytes_used * seconds as pod_usage_memory_byte_seconds,
    bytes_requested * seconds as pod_request_memory_byte_seconds,
    node_bytes // places_per_node * seconds as pod_limit_memory_byte_seconds,
    node_millicores // 1000 as node_capacity_cpu_cores,
    thousandths(node_millicores * node_seconds) as node_capacity_cpu_core_seconds,
    node_bytes as node_capacity_memory_bytes,
    node_bytes * node_seconds as node_capacity_memory_byte_seconds,
    koku_labels(labels) as pod_labels
from run_pods
where not is_opencost;

create or replace temp table kubernetes_volumes as
select
    cluster_no,
    koku_time(date_trunc('month', usage_start)) as report_period_start,
    koku_time(date_trunc('month', usage_start) + interval 1 month) as report_period_end,
    koku_time(usage_start) as interval_start,
    koku_time(usage_end - interval 1 second) as interval_end,
    namespace,
    pod,
    node,
    'data-' || pod as persistentvolumeclaim,
    volume as persistentvolume,
    'standard' as storageclass,
    'block.csi.example.com' as csi_driver,
    resource_id as csi_volume_handle,
    capacity_bytes as persistentvolumeclaim_capacity_bytes,
    capacity_bytes * seconds as persistentvolumeclaim_capacity_byte_seconds,
    capacity_bytes * seconds as volume_request_storage_byte_seconds,
    capacity_bytes // 1000 * used_permille * seconds as persistentvolumeclaim_usage_byte_seconds,
    cast(null as varchar) as persistentvolume_labels,
    'label_app:' || workload as persistentvolumeclaim_labels
from mounted_volumes;

create or replace temp table kubernetes_nodes as
select
    node_usage.cluster_no,
    koku_time(date_trunc('month', node_usage.usage_start)) as report_period_start,
    koku_time(date_trunc('month', node_usage.usage_start) + interval 1 month) as report_period_end,
    koku_time(node_usage.usage_start) as interval_start,
    koku_time(node_usage.usage_end - interval 1 second) as interval_end,
    nodes.node,
    'label_kubernetes_io_hostname:' || nodes.node
    || '|label_topology_kubernetes_io_region:' || clusters.region as node_labels
from node_usage
inner join nodes on node_usage.resource_no = nodes.resource_no
inner join clusters on node_usage.cluster_no = clusters.cluster_no;
