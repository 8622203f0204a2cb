-- What workloads cost by the day: their own part of the node, and their shares of what its cluster has idle and for
-- itself, on both bases.
with

parts as (
    select *
    from {{ ref('node_parts') }}
    where pool = 'pod'
    union all by name
    select * from {{ ref('pool_parts') }}
)

select
    cluster,
    resource_id,
    usage_date,
    billing_currency,
    namespace,
    workload,
    tenant,
    {%- for basis in ['allocated', 'used'] %}
        {%- for measure in ['billed_cost', 'effective_cost'] %}
            {%- for pool in ['pod', 'idle', 'overhead'] %}
                cast(coalesce(sum({{ measure }}) filter (where basis = '{{ basis }}' and pool = '{{ pool }}'), 0)
                    as {{ decimal_type() }}) as {{ basis }}_{{ pool }}_{{ measure }},
            {%- endfor %}
            cast(coalesce(sum({{ measure }}) filter (where basis = '{{ basis }}'), 0) as {{ decimal_type() }})
                as {{ basis }}_{{ measure }}{{ ',' if not (loop.last and basis == 'used') }}
        {%- endfor %}
    {%- endfor %}
from parts
group by cluster, resource_id, usage_date, billing_currency, namespace, workload, tenant
