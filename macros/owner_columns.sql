{#- The columns that an owner rule looks at, each with the word by which rules name it. -#}
{% macro owner_columns() -%}
    {{ return([
        ('account', 'billing_account_id'),
        ('account', 'sub_account_id'),
        ('resource', 'resource_id'),
        ('resource', 'resource_name'),
        ('service', 'service_name'),
        ('region', 'region_id'),
        ('sku', 'sku_id'),
        ('sku', 'canonical_sku_id'),
    ]) }}
{%- endmacro %}
