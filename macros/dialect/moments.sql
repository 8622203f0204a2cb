{#- Moments from a start to an inclusive end, a step apart, one row each. -#}
{% macro moments(starts, ends, step) -%}
    unnest(generate_series({{ starts }}, {{ ends }}, {{ step }}))
{%- endmacro %}

{#- Whole hours from one moment to a later one. -#}
{% macro hours_between(starts, ends) -%}
    datesub('hour', {{ starts }}, {{ ends }})
{%- endmacro %}

{#- The middle one of the values, never between two of them: exact for decimals. -#}
{% macro middle(value) -%}
    quantile_disc({{ value }}, 0.5)
{%- endmacro %}

{#- As-of time of the run; every age is counted from it, never from the clock. -#}
{% macro as_of() -%}
    cast(cast(getvariable('as_of') as timestamptz) as timestamp)
{%- endmacro %}
