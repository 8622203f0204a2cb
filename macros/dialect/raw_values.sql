{#- A raw text, null when it is empty or the text NULL. -#}
{% macro raw_text(column) -%}
    nullif(nullif("{{ column }}", ''), 'NULL')
{%- endmacro %}

{#- A raw number at the storage precision of money and quantities: 20 digits before, 18 after the point. -#}
{% macro raw_decimal(column) -%}
    cast({{ raw_text(column) }} as {{ decimal_type() }})
{%- endmacro %}

{#- A raw ISO time in UTC; some providers leave out the seconds. -#}
{% macro raw_timestamp(column) -%}
    cast(regexp_replace({{ raw_text(column) }}, 'T([0-9]{2}:[0-9]{2})Z$', 'T\1:00Z') as timestamp)
{%- endmacro %}

{#- A raw date, US (09/30/2023) or ISO. -#}
{% macro raw_date(column) -%}
    cast(coalesce(
        try_strptime({{ raw_text(column) }}, '%m/%d/%Y'), try_cast({{ raw_text(column) }} as timestamp)
    ) as date)
{%- endmacro %}
