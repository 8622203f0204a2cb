{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('attribution_partitions')) }}",
) }}

with

slices as (
    select * from {{ ref('attribution_slices') }}
    where {{ is_changed_partition(ref('attribution_partitions')) }}
),

tag_texts as (
    select distinct
        partition_version as charges_version,
        tag_set,
        tags
    from {{ ref('aliased_charges') }}
    where
        tag_set is not null
        and {{ is_changed_partition(ref('attribution_partitions'), 'partition_version', 'charges_version') }}
),

entries as (
    select
        charges_version,
        tag_set,
        unnest({{ json_entries('tags') }}) as entry
    from tag_texts
),

written as (
    select
        charges_version,
        tag_set,
        entry['key'] as written_key,
        entry['value'] as written_value
    from entries
    where trim(entry['value']) != ''
),

-- where several keys of a resource mean the same, the canonical one counts, then the first by name
resolved as (
    select
        slices.partition_version,
        slices.charges_version,
        slices.slice_from,
        written.tag_set,
        tag_keys.tag_key,
        min_by(
            written.written_value,
            case when written.written_key = tag_keys.tag_key then '' else written.written_key end
        ) as tag_value
    from written
    inner join {{ ref('tag_keys') }} as tag_keys
        on
            lower(written.written_key) = lower(tag_keys.written_key)
            and (tag_keys.ignore_case or written.written_key = tag_keys.written_key)
    inner join slices
        on
            written.charges_version = slices.charges_version
            and tag_keys.valid_from <= slices.slice_from
            and tag_keys.valid_to > slices.slice_from
    group by
        slices.partition_version, slices.charges_version, slices.slice_from, written.tag_set, tag_keys.tag_key
)

select
    resolved.partition_version,
    resolved.charges_version,
    resolved.slice_from,
    resolved.tag_set,
    resolved.tag_key,
    coalesce(aliases.canonical_value, resolved.tag_value) as tag_value
from resolved
left join {{ ref('tag_value_aliases') }} as aliases
    on
        resolved.tag_key = aliases.canonical_key
        and lower(resolved.tag_value) = aliases.alias_value
        and resolved.slice_from >= aliases.valid_from
        and resolved.slice_from < coalesce(aliases.valid_to, date '9999-12-31')

union all

-- a partition without such tags is marked by rows of its own, so that it is not searched again
select
    partition_version,
    charges_version,
    slice_from,
    null as tag_set,
    null as tag_key,
    null as tag_value
from slices
where partition_version not in (select resolved.partition_version from resolved)
