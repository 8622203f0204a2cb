{#- The partitions that have a difference outside its tolerance. -#}
{% macro excepted_partitions() -%}
    (
        select distinct partition_id, partition_version from {{ ref('reconciliation_diffs') }}
        where status = 'exception'
    )
{%- endmacro %}
