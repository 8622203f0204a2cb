{#- The members of a JSON object as one text, sorted by name: equal for equal objects, in whatever order their
    members were written. `left_out` are names of members that do not count. -#}
{% macro json_members(column, left_out) -%}
    array_to_string(list_sort(list_transform(
        list_filter(json_keys({{ column }}), name -> name not in ('{{ left_out | join("', '") }}')),
        name -> concat(name, '=', json_extract({{ column }}, {{ json_pointer('name') }}))
    )), ',')
{%- endmacro %}
