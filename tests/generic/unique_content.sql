{#- Generic test: rows of a staging view that share the values of the columns say the same, in whatever files
    they stand; nulls count as equal. A row repeated word for word is tolerated, another content is not. -#}
{% test unique_content(model, columns) %}
select
    {{ columns | join(', ') }},
    string_agg(concat(file_id, ' row ', file_row), ', ' order by file_id, file_row) as found_in
from (
    select
        * exclude (file_id, file_row),
        min(file_id) as file_id,
        arg_min(file_row, file_id) as file_row
    from {{ model }}
    group by all
) as contents
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
