-- By tenant, as charges and drivers name them; what nobody names one for is a row of its own, so that all rows of a
-- month sum to the bill.
with

tenants as (
    select
        billing_period,
        coalesce(tenant, 'no tenant') as tenant,
        owner,
        product,
        currency,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        coalesce(sum(effective_cost) filter (where rule_id is null), 0) as direct_cost,
        coalesce(sum(effective_cost) filter (where is_estimated), 0) as estimated_cost
    from {{ ref('allocated_groups') }}
    group by billing_period, coalesce(tenant, 'no tenant'), owner, product, currency
),

names as (
    select
        tenant,
        min(customer) as customer,
        min(tier) as tier,
        min(cohort) as cohort
    from {{ ref('stg_accounts__accounts') }}
    where tenant is not null
    group by tenant
)

select
    tenants.billing_period,
    tenants.tenant,
    names.customer,
    names.tier,
    names.cohort,
    tenants.owner,
    tenants.product,
    cast(tenants.billed_cost as {{ decimal_type() }}) as billed_cost,
    cast(tenants.effective_cost as {{ decimal_type() }}) as effective_cost,
    cast(tenants.direct_cost as {{ decimal_type() }}) as direct_cost,
    cast(tenants.estimated_cost as {{ decimal_type() }}) as estimated_cost,
    tenants.currency
from tenants
left join names on tenants.tenant = names.tenant
