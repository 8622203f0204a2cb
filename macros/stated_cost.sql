{#- The amount that a charge's own file states: an amortized export states effective cost, all others billed. -#}
{% macro stated_cost(source, feed) -%}
    case when {{ source }} = 'azure_cost' and starts_with({{ feed }}, 'amorti') then effective_cost else billed_cost end
{%- endmacro %}
