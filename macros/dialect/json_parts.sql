{#- The fields of a JSON object, one a row, as a struct of key and JSON value. -#}
{% macro json_fields(document) -%}
    unnest(map_entries(from_json({{ document }}, '"MAP(VARCHAR, JSON)"')))
{%- endmacro %}

{#- The elements of a JSON list, one a row, as JSON. -#}
{% macro json_elements(document) -%}
    unnest(from_json({{ document }}, '["JSON"]'))
{%- endmacro %}

{#- The text at a path of a JSON document, null when there is none. -#}
{% macro json_text(document, path) -%}
    json_extract_string({{ document }}, '$.{{ path }}')
{%- endmacro %}
