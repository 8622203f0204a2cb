-- A metric of an owner, product or tenant is held against what that bears on the day; one of nobody against all.
with

counted as (
    select
        metric_date,
        metric,
        owner,
        product,
        tenant,
        cast(sum(value) as {{ decimal_type() }}) as unit_count
    from {{ ref('stg_business_metrics__metric_values') }}
    group by metric_date, metric, owner, product, tenant
),

daily as (
    select
        charge_date,
        owner,
        product,
        tenant,
        currency,
        sum(allocated_billed_cost) as billed_cost,
        sum(allocated_effective_cost) as effective_cost,
        bool_or(is_estimated) as is_estimated
    from {{ ref('allocated_costs') }}
    group by charge_date, owner, product, tenant, currency
),

scopes as (
    select distinct
        owner is not null as has_owner,
        product is not null as has_product,
        tenant is not null as has_tenant
    from counted
),

scoped as (
    select
        daily.charge_date,
        case when scopes.has_owner then daily.owner end as owner,
        case when scopes.has_product then daily.product end as product,
        case when scopes.has_tenant then daily.tenant end as tenant,
        scopes.has_owner,
        scopes.has_product,
        scopes.has_tenant,
        daily.currency,
        sum(daily.billed_cost) as billed_cost,
        sum(daily.effective_cost) as effective_cost,
        bool_or(daily.is_estimated) as is_estimated
    from daily
    cross join scopes
    group by all
)

select
    counted.metric_date,
    counted.metric,
    counted.owner,
    counted.product,
    counted.tenant,
    counted.unit_count,
    cast(scoped.billed_cost as {{ decimal_type() }}) as billed_cost,
    cast(scoped.effective_cost as {{ decimal_type() }}) as effective_cost,
    {{ unit_price_of('scoped.effective_cost', 'counted.unit_count') }} as unit_cost,
    scoped.currency,
    scoped.is_estimated
from counted
inner join scoped
    on
        counted.metric_date = scoped.charge_date
        and counted.owner is not distinct from scoped.owner
        and counted.product is not distinct from scoped.product
        and counted.tenant is not distinct from scoped.tenant
        and (counted.owner is not null) = scoped.has_owner
        and (counted.product is not null) = scoped.has_product
        and (counted.tenant is not null) = scoped.has_tenant
