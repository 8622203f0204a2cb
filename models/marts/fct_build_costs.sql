select
    billing_period,
    build_date,
    provider,
    service_name,
    repository,
    branch,
    owner,
    product,
    currency,
    cast(sum(build_minutes) as {{ decimal_type() }}) as build_minutes,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
from {{ ref('build_days') }}
where repository is not null
group by billing_period, build_date, provider, service_name, repository, branch, owner, product, currency
