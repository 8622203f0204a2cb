select
    carried.cluster,
    bills.node,
    carried.resource_id,
    carried.usage_date,
    carried.namespace,
    carried.workload,
    carried.tenant,
    coalesce(weights.pod_count, 0) as pod_count,
    coalesce(weights.cpu_requested_core_seconds, 0) as cpu_requested_core_seconds,
    coalesce(weights.cpu_used_core_seconds, 0) as cpu_used_core_seconds,
    coalesce(weights.memory_requested_byte_seconds, 0) as memory_requested_byte_seconds,
    coalesce(weights.memory_used_byte_seconds, 0) as memory_used_byte_seconds,
    {% for basis in ['allocated', 'used'] -%}
        {%- for measure in ['billed_cost', 'effective_cost'] -%}
            carried.{{ basis }}_pod_{{ measure }},
            carried.{{ basis }}_idle_{{ measure }},
            carried.{{ basis }}_overhead_{{ measure }},
            carried.{{ basis }}_{{ measure }},
        {% endfor -%}
    {%- endfor -%}
    -- who cannot have a core cannot have the memory beside it
    {%- set unused = 'weights.cpu_requested_core_seconds - weights.cpu_used_core_seconds' %}
    coalesce({{ prorated('bills.billed_cost', unused, 'nullif(bills.cpu_core_seconds, 0)') }}, 0)
        as unused_billed_cost,
    coalesce({{ prorated('bills.effective_cost', unused, 'nullif(bills.cpu_core_seconds, 0)') }}, 0)
        as unused_effective_cost,
    carried.billing_currency as currency
from {{ ref('pod_costs') }} as carried
inner join {{ ref('node_bills') }} as bills
    on
        carried.cluster = bills.cluster
        and carried.resource_id = bills.resource_id
        and carried.usage_date = bills.usage_date
        and carried.billing_currency = bills.billing_currency
left join {{ ref('pod_weights') }} as weights
    on
        bills.cluster = weights.cluster
        and bills.node = weights.node
        and bills.usage_date = weights.usage_date
        and carried.namespace = weights.namespace
        and carried.workload = weights.workload
        and carried.tenant is not distinct from weights.tenant
