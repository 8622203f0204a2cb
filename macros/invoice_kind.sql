{#- Kind of an invoice line under which a customer's charge or line is matched. -#}
{% macro invoice_kind(kind) -%}
    case
        when {{ kind }} in ('usage', 'recurring', 'minimum') then 'usage'
        when {{ kind }} = 'commitment' then 'fee'
        when {{ kind }} in ('discount', 'refund') then 'credit'
        else {{ kind }}
    end
{%- endmacro %}
