{#- Partitions to be priced of one direction, for the macros of incremental partitions. -#}
{% macro pricing_partitions_of(direction) -%}
    (select * from {{ ref('pricing_partitions') }} where direction = '{{ direction }}')
{%- endmacro %}
