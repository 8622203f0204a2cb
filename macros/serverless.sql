{#- Whether a service runs functions by the call. -#}
{% macro is_serverless(service) -%}
    coalesce(regexp_matches({{ service }}, '(?i)lambda|functions|cloud run'), false)
{%- endmacro %}

{#- What a charge of such a service is for: calls, their duration, or other. -#}
{% macro serverless_component(unit, meter) -%}
    case
        when regexp_matches({{ unit }}, '(?i)second') then 'duration'
        when regexp_matches({{ meter }}, '(?i)request|invocation|execution|transition') then 'calls'
        else 'other'
    end
{%- endmacro %}
