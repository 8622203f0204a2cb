{#- Price of a unit, an exact quotient cut to 12 decimals; to 6 where the amount is 10^8 or more. DuckDB's `/` would make
    it binary floating point, so whole units of storage precision are divided. -#}
{% macro unit_price_of(amount, quantity) -%}
    case
        when abs({{ amount }}) < 100000000
            then cast(
                cast({{ in_units(amount) }} * 1000000000000 // {{ in_units(quantity) }} as decimal(32, 0))
                * cast(0.000000000001 as decimal(12, 12)) as {{ decimal_type() }}
            )
        else cast(
            cast({{ in_units(amount) }} * 1000000 // {{ in_units(quantity) }} as decimal(32, 0))
            * cast(0.000001 as decimal(6, 6)) as {{ decimal_type() }}
        )
    end
{%- endmacro %}
