{#- How long it is from a day to the day after the last one, by a rule of proration (contract.counted): days_inclusive
    counts both ends, days_exclusive leaves the last day out, seconds are those that pass. -#}
{% macro prorated_length(rule, first, next, zone) -%}
    case {{ rule }}
        when 'days_inclusive' then date_diff('day', {{ first }}, {{ next }})
        when 'days_exclusive' then date_diff('day', {{ first }}, {{ next }}) - 1
        when 'seconds' then date_diff(
            'second',
            {{ utc_of_zone('cast(' ~ first ~ ' as timestamp)', zone) }},
            {{ utc_of_zone('cast(' ~ next ~ ' as timestamp)', zone) }}
        )
        else 1
    end
{%- endmacro %}
