{#- What an amount may differ by: the larger of a rule's absolute amount and its share, of at most 1, of the amount,
    whose whole and fractional parts are multiplied apart, so that the product is exact. -#}
{% macro tolerance_of(amount) -%}
    cast(greatest(
        tolerances.absolute_amount,
        cast(trunc(abs({{ amount }})) as decimal(20, 0)) * cast(tolerances.percent * 0.01 as decimal(9, 8))
        + round(
            cast(abs({{ amount }}) - trunc(abs({{ amount }})) as decimal(18, 18))
            * cast(tolerances.percent * 0.01 as decimal(9, 8)), 18
        )
    ) as {{ decimal_type() }})
{%- endmacro %}
