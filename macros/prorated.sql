{#- The part of an amount that belongs to a part of a whole, half up at 9 decimals: amount x part / whole by whole
    numbers, because DuckDB divides decimals as doubles. Each factor may have 9 digits before the point. -#}
{% macro prorated(amount, part, whole) -%}
    {%- set billionths = [] -%}
    {%- for factor in [amount, part, whole] -%}
        {%- do billionths.append('cast(cast(' ~ factor ~ ' as decimal(28, 9)) * 1000000000 as hugeint)') -%}
    {%- endfor -%}
    cast(
        cast(
            ({{ billionths[0] }} * {{ billionths[1] }} + {{ billionths[2] }} // 2) // {{ billionths[2] }}
            as decimal(18, 0)
        ) * cast(0.000000001 as decimal(9, 9)) as {{ decimal_type() }}
    )
{%- endmacro %}
