{#- The values of one key in a list of dictionaries that a provider wrote as Python text, in their order. -#}
{% macro python_list_values(column, key) -%}
    regexp_extract_all({{ column }}, '''{{ key }}'': ''?([^'',}]*)', 1)
{%- endmacro %}
