{#- A raw text, null when it is empty or the text NULL. -#}
{% macro raw_text(column) -%}
    nullif(nullif("{{ column }}", ''), 'NULL')
{%- endmacro %}

{#- A raw JSON text; null where it is not JSON: a broken tag takes no money out of a report. -#}
{% macro raw_json(column) -%}
    case when json_valid({{ raw_text(column) }}) then {{ raw_text(column) }} end
{%- endmacro %}

{#- A raw number at the storage precision of money and quantities: 20 digits before, 18 after the point.
    Texts of at most 12 decimals are read by way of 18 digits, to the same value: DuckDB reads them 30 to 60
    times faster than 38 digits (bench/README.md). -#}
{% macro raw_decimal(column) -%}
    {%- set short = '[+-]?([0-9]{1,5}([.][0-9]{0,12})?|[0-9]([.][0-9]{0,2})?[eE]-0?([0-9]|10)'
        ~ '|[0-9][.][0-9]{3,4}[eE]-0?[0-8]|[0-9][.][0-9]{5,6}[eE]-0?[0-6])' -%}
    case
        when regexp_full_match("{{ column }}", '{{ short }}')
            then cast(cast("{{ column }}" as decimal(18, 12)) as {{ decimal_type() }})
        else cast({{ raw_text(column) }} as {{ decimal_type() }})
    end
{%- endmacro %}

{#- A text as a time in UTC; some providers leave out the seconds, or write the offset as +0000 UTC. -#}
{% macro moment(text) -%}
    cast(cast(replace(
        regexp_replace({{ text }}, 'T([0-9]{2}:[0-9]{2})Z$', 'T\1:00Z'), ' +0000 UTC', 'Z'
    ) as timestamptz) as timestamp)
{%- endmacro %}

{#- A raw ISO time in UTC. -#}
{% macro raw_timestamp(column) -%}
    {{ moment(raw_text(column)) }}
{%- endmacro %}

{#- A raw date: US (09/30/2023), plain (20230930) or ISO. -#}
{% macro raw_date(column) -%}
    cast(coalesce(
        try_strptime({{ raw_text(column) }}, ['%m/%d/%Y', '%Y%m%d']), try_cast({{ raw_text(column) }} as timestamp)
    ) as date)
{%- endmacro %}
