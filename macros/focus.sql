{#- FOCUS: only usage has a consumed quantity, the unused part of a commitment has none, and no quantity is without
    its unit. -#}
{% macro when_consumed(column) -%}
    case
        when charge_category = 'Usage' and coalesce(commitment_status, '') != 'Unused'
            then {{ when_both('consumed_quantity', 'consumed_unit', column) }}
    end
{%- endmacro %}

{#- A column, where two belong together and both are there: FOCUS allows no quantity without its unit. -#}
{% macro when_both(one, other, column) -%}
    case when {{ one }} is not null and {{ other }} is not null then {{ column }} end
{%- endmacro %}

{#- A column of the unit price: what is used or bought has one, a tax, credit or adjustment only has an amount. -#}
{% macro when_priced(column) -%}
    case when charge_category in ('Usage', 'Purchase') then {{ column }} end
{%- endmacro %}

{#- An amount in the pricing currency: as stated, else that of the billing currency where it is the same. -#}
{% macro in_pricing_currency(column) -%}
    coalesce(
        pricing_currency_{{ column }},
        case when coalesce(pricing_currency, billing_currency) = billing_currency then {{ column }} end
    )
{%- endmacro %}
