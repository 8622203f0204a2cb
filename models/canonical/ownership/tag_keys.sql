with

-- every key that a rule, a policy or a reader asks for stands for itself, then come the aliases
wanted_keys as (
    select substr(match_on, 5) as tag_key
    from {{ ref('owner_conditions') }}
    where starts_with(match_on, 'tag:')
    union
    select tag_key from {{ ref('stg_tag_policies__policies') }}
    union
    select canonical_key as tag_key
    from {{ ref('tag_aliases') }}
)

select
    tag_key as written_key,
    tag_key,
    false as ignore_case,
    date '0001-01-01' as valid_from,
    date '9999-12-31' as valid_to
from wanted_keys
union all
select
    alias_key as written_key,
    canonical_key as tag_key,
    ignore_case,
    valid_from,
    coalesce(valid_to, date '9999-12-31') as valid_to
from {{ ref('tag_aliases') }}
