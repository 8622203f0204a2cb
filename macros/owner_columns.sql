{#- The columns that an owner rule looks at, each with the word by which rules name it. -#}
{% macro owner_columns() -%}
    {{ return([
        ('account', 'billing_account_id'),
        ('account', 'sub_account_id'),
        ('resource', 'resource_id'),
        ('resource', 'resource_name'),
        ('resource_type', 'resource_type'),
        ('service', 'service_name'),
        ('region', 'region_id'),
        ('sku', 'sku_id'),
        ('sku', 'canonical_sku_id'),
    ]) }}
{%- endmacro %}

{#- The words by which owner rules name what they look at, tags aside. -#}
{% macro owner_words() -%}
    {{ return(owner_columns() | map('first') | unique | list) }}
{%- endmacro %}

{#- Condition: a rule's match_on is a word that rules know. -#}
{% macro is_owner_match(match_on) -%}
    regexp_full_match({{ match_on }}, 'tag:.+|{{ owner_words() | join("|") }}')
{%- endmacro %}

{#- Condition: further conditions are empty, or each of them is a word that rules know, an equals sign and a pattern. -#}
{% macro is_and_match(and_match) -%}
    {%- set further = " *(tag:[^=;]+|" ~ owner_words() | join("|") ~ ") *= *[^ ;][^;]*" -%}
    ({{ and_match }} is null or regexp_full_match({{ and_match }}, '{{ further }}(;{{ further }})*'))
{%- endmacro %}
