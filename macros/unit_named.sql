{#- A unit by one of its names (seed unit_names), in lower case; one of it is the unit itself. The column is named with
    its table, as the seed has a column unit too. -#}
{% macro unit_named(unit) -%}
    {%- set name = "regexp_replace(lower(" ~ unit ~ "), '^1 ', '')" -%}
    coalesce(
        (select names.unit from {{ ref('unit_names') }} as names where names.unit_name = {{ name }}), {{ name }}
    )
{%- endmacro %}
