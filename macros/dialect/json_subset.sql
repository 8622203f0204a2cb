{#- The named members of a JSON object, as the text of a JSON object; `names` is a text, separated by semicolons.
    Members that are not there are left out. -#}
{% macro json_subset(column, names) -%}
    '{' || coalesce(array_to_string(list_filter(list_transform(
        string_split({{ names }}, ';'),
        name -> to_json(name) || ': ' || json_extract({{ column }}, {{ json_pointer('name') }})
    ), member -> member is not null), ', '), '') || '}'
{%- endmacro %}
