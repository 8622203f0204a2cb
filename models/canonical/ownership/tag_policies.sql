-- Aliases stand for keys and values of policies as they do for those of resources, each in the slices that it holds in.
with

policies as (
    select distinct
        tag_key,
        coalesce(scope, '*') as scope,
        is_required,
        trim(unnest(string_split(coalesce(allowed_values, '*'), ';'))) as value_pattern
    from {{ ref('stg_tag_policies__policies') }}
),

keyed as (
    select
        slices.slice_from,
        policies.tag_key,
        policies.scope,
        policies.is_required,
        policies.value_pattern,
        coalesce(min(aliases.canonical_key), policies.tag_key) as canonical_key
    from policies
    cross join {{ ref('ownership_slices') }} as slices
    left join {{ ref('tag_aliases') }} as aliases
        on
            lower(policies.tag_key) = lower(aliases.alias_key)
            and (aliases.ignore_case or policies.tag_key = aliases.alias_key)
            and slices.slice_from >= aliases.valid_from
            and slices.slice_from < coalesce(aliases.valid_to, date '9999-12-31')
    group by
        slices.slice_from, policies.tag_key, policies.scope, policies.is_required, policies.value_pattern
)

select
    keyed.slice_from,
    keyed.tag_key,
    keyed.scope,
    keyed.is_required,
    keyed.canonical_key,
    list(keyed.value_pattern)
    || coalesce(list(aliases.canonical_value) filter (where aliases.canonical_value is not null), [])
        as value_patterns
from keyed
left join {{ ref('tag_value_aliases') }} as aliases
    on
        keyed.canonical_key = aliases.canonical_key
        and lower(keyed.value_pattern) = aliases.alias_value
        and keyed.slice_from >= aliases.valid_from
        and keyed.slice_from < coalesce(aliases.valid_to, date '9999-12-31')
group by keyed.slice_from, keyed.tag_key, keyed.scope, keyed.is_required, keyed.canonical_key
