{#- Start of a meter's window: of the month, where it is none but the event's. -#}
{% macro meter_window(length, moment) -%}
    date_trunc(case {{ length }} when 'event' then 'month' else {{ length }} end, {{ moment }})
{%- endmacro %}

{#- How long such a window is. -#}
{% macro meter_window_length(length) -%}
    case {{ length }} when 'hour' then interval 1 hour when 'day' then interval 1 day else interval 1 month end
{%- endmacro %}
