{#- Identity of the exception that a match key may have: the same in every run. -#}
{% macro exception_id(diff_id) -%}
    {{ identity(["'exception'", diff_id]) }}
{%- endmacro %}
