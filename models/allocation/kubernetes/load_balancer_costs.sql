-- Load balancers of clusters as they are billed by the day, each for the service that it was last made for.
with

newest as (
    select
        resource_id,
        cluster,
        services,
        regexp_full_match(services, '[^/,]+/[^/,]+') as is_of_one
    from {{ ref('load_balancers') }}
    where resource_id is not null
    qualify row_number() over (
        partition by resource_id order by last_date desc, services asc, cluster asc nulls last, partition_id asc
    ) = 1
),

named as (
    select
        resource_id,
        cluster,
        case when is_of_one then split_part(services, '/', 1) end as namespace,
        case when is_of_one then split_part(services, '/', 2) else services end as service
    from newest
),

bills as (
    select
        provider,
        resource_id,
        usage_date,
        billing_currency,
        cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
        cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
    from {{ ref('resource_days') }}
    where resource_id in (select named.resource_id from named)
    group by provider, resource_id, usage_date, billing_currency
),

tenants as (
    select
        cluster,
        namespace,
        usage_date,
        min(tenant) as tenant
    from {{ ref('pod_intervals') }}
    group by cluster, namespace, usage_date
    having min(tenant) = max(tenant)
)

select
    named.cluster,
    named.namespace,
    named.service,
    bills.provider,
    bills.resource_id,
    bills.usage_date,
    tenants.tenant,
    bills.billed_cost,
    bills.effective_cost,
    bills.billing_currency
from bills
inner join named on bills.resource_id = named.resource_id
left join tenants
    on
        named.cluster = tenants.cluster
        and named.namespace = tenants.namespace
        and bills.usage_date = tenants.usage_date
