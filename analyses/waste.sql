-- What is paid for and not used: commitments, idle nodes of clusters, and computing outside production at night?
with

idle as (
    select
        cast(date_trunc('month', usage_date) as date) as billing_period,
        'idle_cluster' as waste_kind,
        cluster as subject,
        cast(null as varchar) as owner,
        currency,
        sum(allocated_idle_effective_cost) as effective_cost
    from {{ ref('fct_pod_costs') }}
    group by date_trunc('month', usage_date), cluster, currency
)

select
    billing_period,
    waste_kind,
    resource_id as subject,
    owner,
    currency,
    effective_cost
from {{ ref('fct_waste') }}
union all
select * from idle
where effective_cost > 0
order by billing_period asc, currency asc, effective_cost desc
