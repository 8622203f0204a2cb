-- What clusters have is judged by what they report of its use, and by that alone: its nights are not counted beside.
-- On a day without a report nobody knows.
with

reported_days as (
    select
        cluster,
        usage_date
    from {{ ref('fct_pod_costs') }}
    where namespace is not null
    union
    select
        cluster,
        usage_date
    from {{ ref('fct_volume_costs') }}
    where namespace is not null
),

resources_of_clusters as (
    select resource_id from {{ ref('fct_node_hours') }}
    union
    select resource_id from {{ ref('fct_volume_costs') }}
),

cluster_providers as (
    select
        cluster,
        min(provider) as provider
    from {{ ref('fct_node_hours') }}
    group by cluster
),

newest_owners as (
    select
        provider,
        resource_id,
        owner
    from {{ ref('resource_owners') }}
    where resource_id in (select volumes.resource_id from {{ ref('fct_volume_costs') }} as volumes)
    qualify row_number() over (partition by resource_id order by last_date desc, effective_cost desc, owner asc) = 1
),

wasted as (
    select
        slices.billing_period,
        slices.waste_kind,
        slices.provider,
        slices.owner,
        slices.environment,
        slices.service_name,
        slices.resource_id,
        slices.currency,
        slices.charge_count,
        slices.billed_cost,
        slices.effective_cost
    from {{ ref('waste_slices') }} as slices
    anti join resources_of_clusters as judged on slices.resource_id = judged.resource_id
    union all by name
    select
        cast(date_trunc('month', pods.usage_date) as date) as billing_period,
        'idle_cluster' as waste_kind,
        clusters.provider,
        pods.cluster as resource_id,
        pods.currency,
        pods.allocated_idle_billed_cost as billed_cost,
        pods.allocated_idle_effective_cost as effective_cost
    from {{ ref('fct_pod_costs') }} as pods
    inner join cluster_providers as clusters on pods.cluster = clusters.cluster
    where pods.namespace is not null
    union all by name
    select
        cast(date_trunc('month', volumes.usage_date) as date) as billing_period,
        'unattached_volume' as waste_kind,
        owners.provider,
        owners.owner,
        volumes.resource_id,
        volumes.currency,
        volumes.allocated_billed_cost as billed_cost,
        volumes.allocated_effective_cost as effective_cost
    from {{ ref('fct_volume_costs') }} as volumes
    inner join newest_owners as owners on volumes.resource_id = owners.resource_id
    semi join reported_days on volumes.cluster = reported_days.cluster and volumes.usage_date = reported_days.usage_date
    where volumes.namespace is null
)

select
    billing_period,
    waste_kind,
    provider,
    owner,
    environment,
    service_name,
    resource_id,
    currency,
    cast(sum(charge_count) as bigint) as charge_count,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
from wasted
group by billing_period, waste_kind, provider, owner, environment, service_name, resource_id, currency
having sum(effective_cost) > 0
