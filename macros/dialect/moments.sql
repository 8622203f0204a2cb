{#- Moments from a start to an inclusive end, a step apart, one row each. -#}
{% macro moments(starts, ends, step) -%}
    unnest(generate_series({{ starts }}, {{ ends }}, {{ step }}))
{%- endmacro %}

{#- Whole hours (or other units) from one moment to a later one. -#}
{% macro whole_units_between(starts, ends, unit='hour') -%}
    datesub('{{ unit }}', {{ starts }}, {{ ends }})
{%- endmacro %}

{#- The value below which a share of the values lies, half of them if not said: one of the values, never one between
    two of them, and so exact for decimals. -#}
{% macro quantile_of(value, share=0.5) -%}
    quantile_disc({{ value }}, {{ share }})
{%- endmacro %}

{#- The same for the values of a list, half of them below it. -#}
{% macro middle_of(values) -%}
    list_sort({{ values }})[(len({{ values }}) + 1) // 2]
{%- endmacro %}

{#- As-of time of the run; every age is counted from it, never from the clock. -#}
{% macro as_of() -%}
    cast(cast(getvariable('as_of') as timestamptz) as timestamp)
{%- endmacro %}
