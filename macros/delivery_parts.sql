{#- Start of the part of its cadence (seed delivery_expectations) that a moment falls into. -#}
{% macro part_start(cadence, moment) -%}
    case {{ cadence }}
        when 'hourly' then date_trunc('hour', {{ moment }})
        when 'six_hourly'
            then date_trunc('hour', {{ moment }}) - interval 1 hour * (extract(hour from {{ moment }}) % 6)
        when 'daily' then date_trunc('day', {{ moment }})
        else date_trunc('month', {{ moment }})
    end
{%- endmacro %}

{#- Length of the parts of a cadence. -#}
{% macro part_length(cadence) -%}
    case {{ cadence }}
        when 'hourly' then interval 1 hour
        when 'six_hourly' then interval 6 hour
        when 'daily' then interval 1 day
        else interval 1 month
    end
{%- endmacro %}

{#- Time by which the part that a moment falls into has to be there: so long after its end, or after its month's. -#}
{% macro part_due(cadence, moment, waits_for_month, lag_hours) -%}
    case
        when {{ waits_for_month }} then date_trunc('month', {{ moment }}) + interval 1 month
        else {{ part_start(cadence, moment) }} + {{ part_length(cadence) }}
    end
    + interval 1 hour * {{ lag_hours }}
{%- endmacro %}
