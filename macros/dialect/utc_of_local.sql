{#- UTC time of a moment on the clocks of a time zone. -#}
{% macro utc_of_local(moment, zone) -%}
    cast(timezone('UTC', timezone('{{ zone }}', cast({{ moment }} as timestamp))) as timestamp)
{%- endmacro %}
