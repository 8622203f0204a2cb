-- Workloads for which a cluster has twice its usual nodes, some of them empty: the one with most pods on what was added.
with

added as (
    select
        *,
        date_trunc('month', usage_date) as usage_month
    from marts.fct_node_hours
    where is_added and cluster_nodes >= 2 * usual_nodes
),

grown as (
    select
        cluster,
        usage_month,
        currency,
        sum(billed_cost) as amount
    from added
    group by cluster, usage_month, currency
    having bool_or(not is_matched)
),

asked as (
    select
        cluster,
        usage_month,
        top_namespace || '/' || top_workload as workload
    from added
    where is_matched
    group by cluster, usage_month, top_namespace, top_workload
    qualify row_number() over (partition by cluster, usage_month order by sum(top_pod_hours) desc) = 1
)

select
    grown.cluster || '/' || asked.workload as subject,
    grown.usage_month as billing_period,
    'usage' as cause,
    grown.amount,
    grown.currency
from grown
inner join asked on grown.cluster = asked.cluster and grown.usage_month = asked.usage_month
