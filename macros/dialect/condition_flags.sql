{#- Bits that say which of numbered conditions hold: all off but the one at a place, which counts from 1. -#}
{% macro condition_flag(place, places) -%}
    set_bit(cast(repeat('0', {{ places }}) as bit), cast({{ place }} - 1 as integer), 1)
{%- endmacro %}

{#- The conditions that hold by any of several columns, given one of these that is not null; null without one. -#}
{% macro held_by_any(columns, one) -%}
    {%- for column in columns -%}
        coalesce({{ column }}, {{ one }}){{ '' if loop.last else ' | ' }}
    {%- endfor -%}
{%- endmacro %}

{#- The conditions that hold in any row of a group. -#}
{% macro held_in_group(flags) -%}
    bit_or({{ flags }})
{%- endmacro %}

{#- Condition: all the needed conditions hold. -#}
{% macro holds_all(held, needed) -%}
    ({{ held }} & {{ needed }}) = {{ needed }}
{%- endmacro %}

{#- Further conditions in one way of writing: no spaces, none twice, in order. -#}
{% macro ordered_conditions(and_match) -%}
    array_to_string(list_sort(list_distinct(list_transform(
        string_split({{ and_match }}, ';'), condition -> regexp_replace(trim(condition), ' *= *', '=')
    ))), '; ')
{%- endmacro %}
