{#- Split of an amount by whole weights, exact to the last unit of the storage precision: each part is cut, and the
    units that are left go one each to the parts that lost most (docs/decisions/0003-storage-precision.md). An amount is
    in units (in_units); what is split has the same amount and total on each row. The weights of a split sum to 10^18 at
    most. -#}
{% macro cut_part(units, weight, total) -%}
    (
        cast(sign({{ units }}) as hugeint)
        * (
            abs({{ units }}) // {{ total }} * {{ weight }}
            + abs({{ units }}) % {{ total }} * {{ weight }} // {{ total }}
        )
    )
{%- endmacro %}

{#- What a cut part lost, in parts of the total: the parts that lost most get what is left. -#}
{% macro lost_part(units, weight, total) -%}
    (abs({{ units }}) % {{ total }} * {{ weight }} % {{ total }})
{%- endmacro %}

{#- The cut part of units, with one of those left if its place (row_number by what was lost, then the key) has one. -#}
{% macro whole_part(units, part, place, split) -%}
    {{ part }} + case
        when {{ place }} <= abs({{ units }} - sum({{ part }}) over {{ split }}) then sign({{ units }}) else 0
    end
{%- endmacro %}

{#- A number of units of the storage precision as a decimal. -#}
{% macro of_units(units) -%}
    cast(cast({{ units }} as decimal(38, 0)) * cast('0.000000000000000001' as decimal(18, 18)) as {{ decimal_type() }})
{%- endmacro %}
