{#- An amount rounded, half away from zero, to the digits of its currency's subunit. Of branches of unlike scale DuckDB
    keeps the smallest, so all get one. -#}
{% macro rounded_to(amount, digits) -%}
    case {{ digits }}
        {%- for places in [0, 3, 4] %}
            when {{ places }} then cast(round({{ amount }}, {{ places }}) as {{ decimal_type() }})
        {%- endfor %}
        else cast(round({{ amount }}, 2) as {{ decimal_type() }})
    end
{%- endmacro %}
