{#- The entries of a JSON object of texts, as a list of keys with values; null for anything else. -#}
{% macro json_entries(column) -%}
    map_entries(from_json(case when json_valid({{ column }}) then {{ column }} end, '"MAP(VARCHAR, VARCHAR)"'))
{%- endmacro %}

{#- The beginnings of a name that end with a separator, shortest first: web-shop-7 gives web- and web-shop-. -#}
{% macro name_beginnings(column) -%}
    {%- set parts = "regexp_extract_all(" ~ column ~ ", '[^-_./:]*[-_./:]+')" -%}
    list_transform({{ parts }}, (part, place) -> array_to_string(list_slice({{ parts }}, 1, place), ''))
{%- endmacro %}
