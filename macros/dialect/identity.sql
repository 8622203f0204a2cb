{#- A row's identity from what it is; a null differs from an empty neighbour. -#}
{% macro identity(columns) -%}
    cast(md5(concat_ws('|'
        {%- for column in columns %}, coalesce(cast({{ column }} as varchar), chr(0)){% endfor -%}
    )) as uuid)
{%- endmacro %}
