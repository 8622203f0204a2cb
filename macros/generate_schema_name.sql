{#- The layer's own schema name, without a target prefix: `marts.fct_charges`, not `main_marts.fct_charges`. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
