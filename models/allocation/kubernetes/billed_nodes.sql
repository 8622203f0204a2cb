-- What the bill has of nodes, by machine and day. A machine that no report names is a node of the one cluster that has
-- machines of its SKU, account and region, on days on which that cluster lists as many nodes without a machine.
with

hourly as (
    select machines.*
    from {{ ref('resource_days') }} as machines
    where {{ unit_named('machines.unit') }} = 'hours'
),

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
    from hourly
    group by
        provider, billing_account_id, account_id, region_id, resource_id, sku_id, billing_currency, usage_date
),

known as (
    select
        named.cluster,
        named.node,
        machines.*
    from machine_days as machines
    inner join {{ ref('node_names') }} as named
        on
            machines.resource_id = named.resource_id
            and machines.usage_date >= named.named_from
            and machines.usage_date < named.named_until
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
        machines.*
    from machine_days as machines
    anti join {{ ref('node_names') }} as named on machines.resource_id = named.resource_id
    inner join places
        on
            machines.provider = places.provider
            and machines.billing_account_id = places.billing_account_id
            and machines.region_id is not distinct from places.region_id
            and machines.sku_id = places.sku_id
),

sure_days as (
    select
        nameless.cluster,
        nameless.usage_date
    from nameless
    inner join candidates on nameless.cluster = candidates.cluster and nameless.usage_date = candidates.usage_date
    group by nameless.cluster, nameless.usage_date, nameless.node_count
    having count(*) <= nameless.node_count
)

select * from known
union all
select candidates.*
from candidates
semi join sure_days on candidates.cluster = sure_days.cluster and candidates.usage_date = sure_days.usage_date
