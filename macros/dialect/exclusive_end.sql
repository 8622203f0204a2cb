{#- The first moment after a raw interval, which some sources end at its last second. -#}
{% macro exclusive_end(column) -%}
    {{ raw_timestamp(column) }} + to_seconds(cast(second({{ raw_timestamp(column) }}) = 59 as integer))
{%- endmacro %}
