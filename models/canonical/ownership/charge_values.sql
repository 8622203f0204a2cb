{% for match_on, column in owner_columns() %}
    select distinct
        partition_version as charges_version,
        '{{ match_on }}' as match_on,
        {{ column }} as matched_value
    from {{ ref('aliased_charges') }}
    where
        {{ column }} is not null
        and '{{ match_on }}' in (select conditions.match_on from {{ ref('owner_conditions') }} as conditions)
        and {{ is_narrowed('charges', 'partition_version') }}
    union all
{% endfor %}
select distinct
    charges_version,
    'tag:' || tag_key as match_on,
    tag_value as matched_value
from {{ ref('tag_entries') }}
where tag_key is not null and {{ is_narrowed('charges', 'charges_version') }}
