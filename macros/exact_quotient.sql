{#- Exact quotient of a decimal of the storage type and a share of 1 (0 < share <= 1), rounded once, half away from
    zero, to the storage precision; null when it has more than 19 digits before the point. DuckDB's `/` would go by
    way of a double, so both are counted in units of the storage precision and divided as whole numbers. -#}
{% macro exact_quotient(amount, share) -%}
    {%- set unit = 'cast(1000000000000000000 as hugeint)' -%}
    {%- set amount_units = in_units('abs(' ~ amount ~ ')') -%}
    {%- set share_units = in_units(share) -%}
    {%- set whole = '(' ~ amount_units ~ ' // ' ~ share_units ~ ')' -%}
    {%- set rest = '(' ~ amount_units ~ ' % ' ~ share_units ~ ')' -%}
    {%- set part = '((' ~ rest ~ ' * ' ~ unit ~ ' + ' ~ share_units ~ ' // 2) // ' ~ share_units ~ ')' -%}
    case
        when {{ whole }} < cast(10000000000000000000 as hugeint) then cast(sign({{ amount }}) as decimal(1, 0)) * (
            cast({{ whole }} + {{ part }} // {{ unit }} as decimal(20, 0))
            + cast({{ part }} % {{ unit }} as decimal(18, 0)) * cast('0.000000000000000001' as decimal(18, 18))
        )
    end
{%- endmacro %}

{#- A decimal of the storage type as a whole number of units of the storage precision. -#}
{% macro in_units(amount) -%}
    (
        cast(trunc({{ amount }}) as hugeint) * cast(1000000000000000000 as hugeint)
        + cast(
            cast({{ amount }} - trunc({{ amount }}) as decimal(18, 18)) * cast(1000000000000000000 as decimal(19, 0))
            as hugeint
        )
    )
{%- endmacro %}
