{#- Names that our agents may know a vendor's resource by: its whole id, what follows the subscription, its last part. -#}
{% macro resource_names(resource_id) -%}
    list_distinct([
        lower({{ resource_id }}),
        lower(regexp_replace({{ resource_id }}, '(?i)^/subscriptions/[^/]+', '')),
        lower(regexp_extract({{ resource_id }}, '([^/]+)/?$', 1))
    ])
{%- endmacro %}
