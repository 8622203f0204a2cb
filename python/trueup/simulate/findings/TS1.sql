-- Workloads that use less than a tenth of the cores that they request: what the others cost.
select
    cluster || '/' || namespace || '/' || workload as subject,
    cast(date_trunc('month', usage_date) as date) as billing_period,
    cast(null as varchar) as cause,
    sum(unused_billed_cost) as amount,
    currency
from marts.fct_pod_costs
where namespace is not null
group by all
having sum(cpu_requested_core_seconds) > 10 * sum(cpu_used_core_seconds)
