-- What does each namespace request of its cluster, what does it use, and what does the difference cost?
with

months as (
    select
        cast(date_trunc('month', usage_date) as date) as billing_period,
        cluster,
        namespace,
        currency,
        sum(cpu_requested_core_seconds) as cpu_requested_core_seconds,
        sum(cpu_used_core_seconds) as cpu_used_core_seconds,
        sum(memory_requested_byte_seconds) as memory_requested_byte_seconds,
        sum(memory_used_byte_seconds) as memory_used_byte_seconds,
        sum(allocated_effective_cost) as cost_by_request,
        sum(used_effective_cost) as cost_by_use,
        sum(unused_effective_cost) as unused_cost
    from {{ ref('fct_pod_costs') }}
    where namespace is not null
    group by date_trunc('month', usage_date), cluster, namespace, currency
)

select
    billing_period,
    cluster,
    namespace,
    currency,
    {{ exact_ratio('cpu_requested_core_seconds', '3600') }} as cpu_requested_core_hours,
    {{ exact_ratio('cpu_used_core_seconds', '3600') }} as cpu_used_core_hours,
    round({{ exact_ratio('100 * cpu_used_core_seconds', 'cpu_requested_core_seconds') }}, 2) as cpu_used_percent,
    round({{ exact_ratio(
        'memory_used_byte_seconds * cast(0.0001 as decimal(4, 4))',
        'memory_requested_byte_seconds * cast(0.000001 as decimal(6, 6))'
    ) }}, 2) as memory_used_percent,
    cost_by_request,
    cost_by_use,
    cost_by_use - cost_by_request as true_up_cost,
    unused_cost
from months
order by unused_cost desc, billing_period asc, cluster asc, namespace asc, currency asc
