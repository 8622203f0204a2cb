{#- Whether a price is for keeping data: an amount of data times hours, days or months, and not of a machine's memory. -#}
{% macro is_stored(unit, meter) -%}
    coalesce(
        regexp_matches({{ unit }}, '(?i)\b([kmgtp]i?b|[a-z]*bytes?)\b.*\b(h(ou)?rs?|days?|mo(nths?)?)\b')
        and not regexp_matches({{ meter }}, '(?i)memory|\bram\b|fargate'),
        false
    )
{%- endmacro %}

{#- Whether a meter counts what is fetched back from a colder tier, or deleted there before its time. -#}
{% macro is_retrieved(meter) -%}
    coalesce(regexp_matches({{ meter }}, '(?i)retriev|restor|rehydrat|early.?delet'), false)
{%- endmacro %}
