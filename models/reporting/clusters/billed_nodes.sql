{{ config(materialized='view') }}

-- What the bill has of nodes, by machine and day. A machine that no report names is a node of the one cluster that has
-- machines of its SKU, account and region, on days on which that cluster lists as many nodes without a machine.
with

machine_days as (
    select
        provider,
        billing_account_id,
        account_id,
        region_id,
        resource_id,
        sku_id,
        billing_currency,
        usage_date,
        cast(sum(quantity) as {{ decimal_type() }}) as node_hours,
        cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
        cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
    from {{ ref('resource_days') }} as days
    where {{ unit_named('days.unit') }} = 'hours'
    group by
        provider, billing_account_id, account_id, region_id, resource_id, sku_id, billing_currency, usage_date
),

named as (
    select distinct
        cluster,
        node,
        resource_id
    from {{ ref('cluster_nodes') }}
    where resource_id is not null
),

known as (
    select
        named.cluster,
        named.node,
        machines.*
    from machine_days as machines
    inner join named on machines.resource_id = named.resource_id
),

places as (
    select
        provider,
        billing_account_id,
        region_id,
        sku_id,
        min(cluster) as cluster
    from known
    group by provider, billing_account_id, region_id, sku_id
    having min(cluster) = max(cluster)
),

nameless as (
    select
        cluster,
        usage_date,
        count(distinct node) as node_count
    from {{ ref('cluster_nodes') }}
    where resource_id is null
    group by cluster, usage_date
),

candidates as (
    select
        places.cluster,
        cast(null as varchar) as node,
        machines.*,
        count(*) over (partition by places.cluster, machines.usage_date) as candidate_count
    from machine_days as machines
    anti join named on machines.resource_id = named.resource_id
    inner join places
        on
            machines.provider = places.provider
            and machines.billing_account_id = places.billing_account_id
            and machines.region_id is not distinct from places.region_id
            and machines.sku_id = places.sku_id
)

select * from known
union all
select candidates.* exclude (candidate_count)
from candidates
inner join nameless on candidates.cluster = nameless.cluster and candidates.usage_date = nameless.usage_date
where candidates.candidate_count <= nameless.node_count
