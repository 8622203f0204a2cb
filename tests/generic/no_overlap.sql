{#- Generic test: within the same values of the columns, no row starts before an earlier one has ended. Ends
    are exclusive, a null end is open; nulls in the columns count as equal. -#}
{% test no_overlap(model, columns, starts, ends) %}
select *
from (
    select
        {{ columns | join(', ') }},
        {{ starts }},
        max({{ ends }}) over earlier as held_until,
        bool_or({{ ends }} is null) over earlier as is_held_open
    from {{ model }}
    window earlier as (
        partition by {{ columns | join(', ') }}
        order by {{ starts }} rows between unbounded preceding and 1 preceding
    )
) as versions
where {{ starts }} < held_until or is_held_open
{% endtest %}
