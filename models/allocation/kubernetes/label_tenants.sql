-- The tenant that a set of labels names, by any name that stands for one (seed tag_aliases).
with

label_sets as (
    select labels from {{ ref('kubernetes_usage') }}
    union
    select labels from {{ ref('opencost_costs') }}
),

entries as (
    select
        label_sets.labels,
        unnest({{ json_entries('label_sets.labels') }}, recursive := true)
    from label_sets
)

select
    entries.labels,
    -- its own name counts before the others
    max_by(entries.value, (aliases.alias_key = aliases.canonical_key, aliases.alias_key)) as tenant
from entries
inner join {{ ref('tag_aliases') }} as aliases
    on
        aliases.canonical_key = 'tenant'
        and case when aliases.ignore_case then lower(entries.key) else entries.key end = aliases.alias_key
where aliases.valid_to is null and entries.value != ''
group by entries.labels
