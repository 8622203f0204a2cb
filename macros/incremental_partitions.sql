{#- Pre-hook of an incremental model: drop the partitions that are no longer current. Together with
    `changed_partitions` this replaces exactly the partitions whose delivery, rules or code changed. -#}
{% macro delete_stale_partitions(partitions) -%}
    {%- if is_incremental() -%}
        delete from {{ this }}
        where partition_version not in (select partition_version from {{ partitions }})
    {%- else -%}
        select 1
    {%- endif -%}
{%- endmacro %}

{#- Condition: the partition is not in this incremental model yet. -#}
{% macro is_changed_partition(column) -%}
    {%- if is_incremental() -%}
        {{ column }} not in (select distinct partition_version from {{ this }})
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
