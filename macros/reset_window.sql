{#- First day of the period in which tiers fill up, as contract.periods has it: of the calendar, or counted from the
    contract's start, where a month without its day of the month starts on its last day. -#}
{% macro reset_window(reset, day, anchor) -%}
    case {{ reset }}
        when 'never' then date '0001-01-01'
        when 'day' then {{ day }}
        else {{ window_start(
            "case " ~ reset ~ " when 'month' then 1 when 'quarter' then 3 else 12 end", day, anchor
        ) }}
    end
{%- endmacro %}

{#- First day of the period of some months that a day lies in, counted from an anchor. -#}
{% macro window_start(months, day, anchor) -%}
    {%- set between = "date_diff('month', " ~ anchor ~ ", " ~ day ~ ")" -%}
    {%- set whole = "(" ~ between ~ " - cast(" ~ day ~ " < cast(" ~ anchor ~ " + to_months(cast(" ~ between
        ~ " as integer)) as date) as integer))" -%}
    cast({{ anchor }} + to_months(cast({{ whole }} // ({{ months }}) * ({{ months }}) as integer)) as date)
{%- endmacro %}
