{#- Generic test: no two rows share the values of the columns; nulls count as equal. Only rows that share a hash are
    compared by their values: grouping numbers is several times cheaper than grouping long texts. -#}
{% test unique_combination(model, columns) %}
with

suspects as (
    select hash({{ columns | join(', ') }}) as row_hash
    from {{ model }}
    group by row_hash
    having count(*) > 1
)

select {{ columns | join(', ') }}
from {{ model }}
where hash({{ columns | join(', ') }}) in (select row_hash from suspects)
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
