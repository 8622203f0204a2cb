{{ config(materialized='view') }}

-- What can be held against a budget by the day: all costs, an owner's, a product's, and a product's at an owner. Builds
-- count for their repository, too, as if it were a product.
with

daily as (
    select
        charge_date,
        currency,
        owner,
        product,
        allocated_effective_cost as effective_cost
    from {{ ref('allocated_costs') }}
),

repositories as (
    select
        build_date as charge_date,
        currency,
        owner,
        repository,
        effective_cost
    from {{ ref('build_days') }}
    where repository is not null and repository is distinct from product
)

select
    charge_date,
    currency,
    owner,
    product,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
from daily
group by grouping sets (
    (charge_date, currency),
    (charge_date, currency, owner),
    (charge_date, currency, product),
    (charge_date, currency, owner, product)
)
having grouping(product) = 1 or product is not null
union all
select
    charge_date,
    currency,
    owner,
    repository as product,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
from repositories
group by grouping sets ((charge_date, currency, repository), (charge_date, currency, owner, repository))
