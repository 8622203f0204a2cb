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

{#- Rows of billed_cost, effective_cost and weight with their parts instead, split over the rows that agree in `split`.
    Ties go by `ties`. -#}
{% macro cost_parts(shares, split, ties) -%}
    (with totalled as (
        select *, cast(sum(weight) over (partition by {{ split }}) as hugeint) as total
            {%- for cost in ['billed', 'effective'] %}, {{ in_units(cost ~ '_cost') }} as {{ cost }}_units {% endfor %}
        from {{ shares }}
    ), cut as (
        select *
            {%- for cost in ['billed', 'effective'] %},
            {{ cut_part(cost ~ '_units', 'weight', 'total') }} as {{ cost }}_part,
            row_number() over (partition by {{ split }} order by
                {{ lost_part(cost ~ '_units', 'weight', 'total') }} desc, {{ ties }}) as {{ cost }}_place {% endfor %}
        from totalled
    )
    select * replace (
        {%- for cost in ['billed', 'effective'] %} {% set whole = '(partition by ' ~ split ~ ')' %}
            {{ of_units(whole_part(cost ~ '_units', cost ~ '_part', cost ~ '_place', whole)) }} as {{ cost }}_cost
            {%- if not loop.last %},{% endif %}{% endfor %})
    from cut)
{%- endmacro %}
