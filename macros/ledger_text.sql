{#- The canonical text of columns of the ledger: each as the length in bytes, `:`, the value and `,`, or `-,` without one.
    `trueup.ledger.entries` has the same in Python; the law that uses this one would show a difference. -#}
{% macro ledger_text(columns) -%}
    {%- for column in columns -%}
        {%- set text = 'cast(' ~ column ~ ' as varchar)' -%}
        {%- if column.endswith('_at') -%}
            {%- set text = 'strftime(' ~ column ~ ", '%Y-%m-%dT%H:%M:%S.%f')" -%}
        {%- endif -%}
        coalesce(strlen({{ text }}) || ':' || {{ text }}, '-') || ','
        {%- if not loop.last %} || {% endif -%}
    {%- endfor -%}
{%- endmacro %}
