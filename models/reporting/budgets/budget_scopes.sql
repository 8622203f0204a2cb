{{ config(materialized='view') }}

-- What can be held against a budget by the day: all costs, an owner's, a product's, and a product's at an owner. Builds
-- count for their repository, too, as if it were a product.
with

owner_scopes as (
    select unnest([true, false]) as has_owner
),

product_scopes as (
    select unnest([true, false]) as has_product
),

-- costs of a product count beside all costs, those of a repository are among them already
stages as (
    select
        charge_date,
        currency,
        owner,
        product,
        allocated_effective_cost as effective_cost,
        false as is_build
    from {{ ref('allocated_costs') }}
    union all
    select
        build_date as charge_date,
        currency,
        owner,
        repository as product,
        effective_cost,
        true as is_build
    from {{ ref('build_days') }}
    where repository is not null and repository is distinct from product
)

select
    stages.charge_date,
    stages.currency,
    case when owner_scopes.has_owner then stages.owner end as owner,
    case when product_scopes.has_product then stages.product end as product,
    cast(sum(stages.effective_cost) as {{ decimal_type() }}) as effective_cost
from stages
cross join owner_scopes
cross join product_scopes
where
    (product_scopes.has_product and stages.product is not null)
    or not (product_scopes.has_product or stages.is_build)
group by
    stages.charge_date, stages.currency, case when owner_scopes.has_owner then stages.owner end,
    case when product_scopes.has_product then stages.product end
