{#- The day of a diff key: only usage has one; fees, credits and taxes are matched within their period. -#}
{% macro usage_date(charge_kind, moment) -%}
    case
        when {{ charge_kind }} in ('usage', 'commitment_usage', 'commitment_negation') then cast({{ moment }} as date)
    end
{%- endmacro %}
