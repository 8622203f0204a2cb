-- What is paid for and not used: commitments, addresses, volumes, nodes of clusters, and computing at night?
select
    billing_period,
    waste_kind,
    resource_id as subject,
    owner,
    currency,
    effective_cost
from {{ ref('fct_waste') }}
order by billing_period asc, currency asc, effective_cost desc
