{#- Generic test: no critical check of this run failed. On a gate, so that nothing downstream is built on
    what the gate refused. -#}
{% test gate_passed(model) %}
select
    gate,
    check_name,
    column_name,
    unexpected_count,
    observed_value,
    meaning
from {{ model }}
where run_id = getvariable('run_id') and level = 'critical' and not coalesce(is_passed, false)
{% endtest %}
