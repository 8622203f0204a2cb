{#- The one storage type of money, prices and quantities (docs/decisions/0003-storage-precision.md). -#}
{% macro decimal_type() -%}
    decimal(38, 18)
{%- endmacro %}
