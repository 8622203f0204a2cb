select
    entries.partition_version,
    entries.charges_version,
    entries.slice_from,
    entries.tag_set,
    min(winners.rule_rank) as rule_rank,
    {{ held_in_group('winners.held_conditions') }} as held_conditions,
    max(case when entries.tag_key = 'product' then entries.tag_value end) as product,
    max(case when entries.tag_key = 'cost_center' then entries.tag_value end) as cost_center,
    max(case when entries.tag_key = 'environment' then entries.tag_value end) as environment,
    max(case when entries.tag_key = 'tenant' then entries.tag_value end) as tenant
from {{ ref('tag_entries') }} as entries
left join {{ ref('owned_values') }} as winners
    on
        entries.partition_version = winners.partition_version
        and entries.slice_from = winners.slice_from
        and 'tag:' || entries.tag_key = winners.match_on
        and entries.tag_value = winners.matched_value
where entries.tag_set is not null and {{ is_narrowed('charges', 'entries.charges_version') }}
group by entries.partition_version, entries.charges_version, entries.slice_from, entries.tag_set
