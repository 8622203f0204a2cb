{#- Time on the clocks of a time zone (an expression) of a moment in UTC. -#}
{% macro local_of_utc(moment, zone) -%}
    timezone({{ zone }}, timezone('UTC', {{ moment }}))
{%- endmacro %}

{#- UTC time of a moment on the clocks of a time zone (an expression). -#}
{% macro utc_of_zone(moment, zone) -%}
    timezone('UTC', timezone({{ zone }}, {{ moment }}))
{%- endmacro %}
