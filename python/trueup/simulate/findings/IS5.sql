-- Tenants that share a cluster, with their part of its nodes, idle and platform: together its bill.
with

shared as (
    select
        cluster,
        date_trunc('month', usage_date) as usage_month
    from marts.fct_pod_costs
    group by all
    having count(distinct tenant) > 1
)

select
    pods.cluster || '/' || pods.tenant as subject,
    cast(shared.usage_month as date) as billing_period,
    cast(null as varchar) as cause,
    sum(pods.allocated_billed_cost) as amount,
    pods.currency
from marts.fct_pod_costs as pods
inner join shared
    on pods.cluster = shared.cluster and date_trunc('month', pods.usage_date) = shared.usage_month
where pods.tenant is not null
group by all
