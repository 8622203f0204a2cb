{#- All rows of several relations, columns matched by name and missing ones null. -#}
{% macro union_all_by_name(relations) -%}
    {%- for relation in relations %}
        select * from {{ relation }}
        {% if not loop.last %}union all by name{% endif %}
    {%- endfor %}
{%- endmacro %}
