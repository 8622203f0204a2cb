{#- Pre-hook of an incremental model: note what it is about to rebuild (partitions or their files), so that
    the views below it read no more than that. DuckDB pushes no filter below an aggregate or a union by
    itself. The model resets the note in its post-hook. -#}
{% macro narrow(note, column, relation, partitions) -%}
    set variable narrowed_{{ note }} = coalesce((
        select list(distinct {{ column }}) from {{ relation }}
        where {{ is_changed_partition(partitions) }}
    ), [])
{%- endmacro %}

{#- Condition in such a view: the row belongs to what is being rebuilt, or nothing was noted. -#}
{% macro is_narrowed(note, column) -%}
    (
        getvariable('narrowed_{{ note }}') is null
        or list_contains(getvariable('narrowed_{{ note }}'), {{ column }})
    )
{%- endmacro %}
