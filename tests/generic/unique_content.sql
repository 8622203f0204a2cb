{#- Generic test: rows of a staging view that share the values of the columns say the same, in whatever files
    they stand; nulls count as equal. A row repeated word for word is tolerated, another content is not. -#}
{% test unique_content(model, columns) %}
select
    {{ columns | join(', ') }},
    string_agg(concat(files.path, ' row ', contents.file_row), ', ' order by files.path, contents.file_row) as found_in
from (
    select
        * exclude (file_id, file_row),
        min(file_id) as file_id,
        arg_min(file_row, file_id) as file_row
    from {{ model }}
    group by all
) as contents
inner join {{ source('landing', 'path_contents') }} as files on contents.file_id = files.file_id
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
