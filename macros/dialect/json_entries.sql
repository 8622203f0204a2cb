{#- The entries of a JSON object of texts, as a list of keys with values; null for anything else. -#}
{% macro json_entries(column) -%}
    map_entries(from_json(case when json_valid({{ column }}) then {{ column }} end, '"MAP(VARCHAR, VARCHAR)"'))
{%- endmacro %}

{#- The beginnings of a name that end with a separator, longest last: web-shop-7 gives web- and web-shop-. -#}
{% macro name_beginnings(column) -%}
    list_transform(
        regexp_extract_all({{ column }}, '[-_./:]+'),
        (separator, position) -> regexp_extract(
            {{ column }}, '^(?:[^-_./:]*[-_./:]+){' || cast(position as varchar) || '}'
        )
    )
{%- endmacro %}
