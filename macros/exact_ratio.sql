{#- Exact quotient of two decimals or counts below 10^13, cut to 6 decimals; null over zero. DuckDB's `/` would
    make it binary floating point, so whole millionths are divided. -#}
{% macro exact_ratio(part, whole) -%}
    cast(cast(
        cast(cast({{ part }} as decimal(38, 6)) * 1000000 as hugeint) * 1000000
        // nullif(cast(cast({{ whole }} as decimal(38, 6)) * 1000000 as hugeint), 0) as decimal(32, 0)
    ) * cast(0.000001 as decimal(6, 6)) as decimal(38, 6))
{%- endmacro %}
