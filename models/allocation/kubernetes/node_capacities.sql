-- What nodes have of cores and memory by the day. In an interval without pods a node has what it has in others.
-- OpenCost says what is idle in rows of its own, so that all rows of a node are what it has.
with

listed as (
    select
        cluster,
        node,
        cast(usage_start as date) as usage_date,
        coalesce(
            cpu_core_seconds,
            max(cpu_cores) over (partition by cluster, node)
            * cast({{ whole_units_between('usage_start', 'usage_end', 'second') }} as decimal(10, 0))
        ) as cpu_core_seconds,
        coalesce(
            memory_byte_seconds,
            cast(max(memory_bytes) over (partition by cluster, node) as decimal(18, 0))
            * cast({{ whole_units_between('usage_start', 'usage_end', 'second') }} as decimal(10, 0))
        ) as memory_byte_seconds
    from {{ ref('kubernetes_node_hours') }}
    union all
    select
        cluster,
        node,
        usage_date,
        cast(cpu_core_hours as decimal(24, 9)) * 3600 as cpu_core_seconds,
        cast(memory_byte_hours as decimal(28, 6)) * 3600 as memory_byte_seconds
    from {{ ref('opencost_costs') }}
    where node is not null
)

select
    cluster,
    node,
    usage_date,
    cast(coalesce(sum(cast(cpu_core_seconds as decimal(38, 9))), 0) as {{ decimal_type() }}) as cpu_core_seconds,
    cast(coalesce(sum(cast(memory_byte_seconds as decimal(38, 3))), 0) as {{ decimal_type() }}) as memory_byte_seconds
from listed
group by cluster, node, usage_date
