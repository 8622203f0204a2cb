{#- The JSON pointer of a member of an object, whatever characters its name has. -#}
{% macro json_pointer(name) -%}
    concat('/', replace(replace({{ name }}, '~', '~0'), '/', '~1'))
{%- endmacro %}
