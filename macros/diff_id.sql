{#- Identity of a difference, from the columns of its key; stable from run to run. -#}
{% macro diff_id(charge_kind, sku_id, usage_date, unit, resource_id) -%}
    cast(md5(concat_ws(
        '|', direction, counterparty, billing_period, account_id, {{ charge_kind }}, currency,
        coalesce({{ sku_id }}, '-'), coalesce(cast({{ usage_date }} as varchar), '-'), coalesce({{ unit }}, '-'),
        coalesce({{ resource_id }}, '-')
    )) as uuid)
{%- endmacro %}
