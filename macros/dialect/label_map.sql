{#- Kubernetes labels, written as `label_a:b|label_c:d`, as the text of a JSON object. -#}
{% macro label_map(column) -%}
    '{' || coalesce(array_to_string(list_transform(
        string_split({{ raw_text(column) }}, '|'),
        label -> concat(
            to_json(regexp_extract(label, '^(?:label_)?([^:]*)', 1)), ': ', to_json(regexp_extract(label, ':(.*)$', 1))
        )
    ), ', '), '') || '}'
{%- endmacro %}
