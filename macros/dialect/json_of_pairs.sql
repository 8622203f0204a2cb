{#- JSON object of a JSON list of key and value, pairs without a value left out; '{}' when the list is null. -#}
{% macro json_of_pairs(list) -%}
    '{' || coalesce(array_to_string(list_transform(
        list_filter(from_json({{ list }}, '[{"key":"VARCHAR","value":"VARCHAR"}]'), pair -> pair.value is not null),
        pair -> cast(to_json(pair.key) as varchar) || ':' || cast(to_json(pair.value) as varchar)
    ), ','), '') || '}'
{%- endmacro %}
