{#- Sum of an amount over the rows of a condition, 0 without any. -#}
{% macro sum_where(amount, condition) -%}
    cast(coalesce(sum({{ amount }}) filter (where {{ condition }}), 0) as {{ decimal_type() }})
{%- endmacro %}
