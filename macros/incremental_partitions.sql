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

{#- Condition: the partition is current but not in this incremental model yet. The versions are looked up
    before the model runs and written out, so that the scan itself leaves everything else unread: one version is an
    equality that DuckDB looks up in the row groups' ranges; any other value beside it would widen the range. `listed`
    is the column of the partitions that `column` is compared with. -#}
{% macro is_changed_partition(partitions, column='partition_version', listed='partition_version') -%}
    {%- if execute and is_incremental() -%}
        {%- set changed = run_query(
            'select ' ~ listed ~ ' from ' ~ partitions
            ~ ' where partition_version not in (select distinct partition_version from ' ~ this ~ ')'
        ).columns[0].values() -%}
        {{ column }} in ('{{ (changed or ['']) | join("', '") }}')
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}

{#- Condition for a history that keeps what no longer holds: the partition is not at the version that was last compared
    for it. A partition may come back to a version that it had before. -#}
{% macro is_uncompared() -%}
    {%- if is_incremental() -%}
        (partition_id, partition_version) not in (
            select (partition_id, max_by(partition_version, comparison)) from {{ this }}
            group by partition_id
        )
    {%- else -%}
        true
    {%- endif -%}
{%- endmacro %}
