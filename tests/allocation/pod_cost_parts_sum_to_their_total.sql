{{ config(tags=['law']) }}
-- Guards against a part of a workload's cost that its total does not hold, or holds twice.
select
    cluster,
    resource_id,
    usage_date,
    namespace,
    workload,
    tenant
from {{ ref('fct_pod_costs') }}
where
    {%- for basis in ['allocated', 'used'] %}
        {%- for measure in ['billed_cost', 'effective_cost'] %}
            {{ basis }}_{{ measure }}
            != {{ basis }}_pod_{{ measure }} + {{ basis }}_idle_{{ measure }} + {{ basis }}_overhead_{{ measure }}
            {{ 'or' if not (loop.last and basis == 'used') }}
        {%- endfor %}
    {%- endfor %}
