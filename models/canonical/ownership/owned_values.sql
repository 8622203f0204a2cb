{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('attribution_partitions')) }}",
        "{{ narrow('charges', 'charges_version', ref('attribution_partitions'), ref('attribution_partitions')) }}",
    ],
    post_hook="reset variable narrowed_charges",
) }}

with

slices as (
    select * from {{ ref('attribution_slices') }}
    where {{ is_changed_partition(ref('attribution_partitions')) }}
),

conditions as (
    select * from {{ ref('owner_conditions') }}
),

heads as (
    select distinct
        match_on,
        head_length
    from conditions
),

-- a value meets only the conditions whose literal beginning it has: a look-up, and few patterns to compare
matches as (
    select
        candidates.charges_version,
        candidates.match_on,
        candidates.matched_value,
        conditions.condition_flag,
        case when conditions.condition_flag is null then conditions.rule_rank end as rule_rank,
        conditions.valid_from,
        conditions.valid_to
    from {{ ref('charge_values') }} as candidates
    inner join heads on candidates.match_on = heads.match_on
    inner join conditions
        on
            candidates.match_on = conditions.match_on
            and heads.head_length = conditions.head_length
            and left(candidates.matched_value, heads.head_length) = conditions.pattern_head
            and candidates.matched_value glob conditions.pattern
),

winners as (
    select
        slices.partition_version,
        slices.charges_version,
        slices.slice_from,
        matches.match_on,
        matches.matched_value,
        min(matches.rule_rank) as rule_rank,
        {{ held_in_group('matches.condition_flag') }} as held_conditions
    from matches
    inner join slices
        on
            matches.charges_version = slices.charges_version
            and matches.valid_from <= slices.slice_from
            and matches.valid_to > slices.slice_from
    group by
        slices.partition_version, slices.charges_version, slices.slice_from, matches.match_on, matches.matched_value
)

select * from winners

union all

-- a partition that no condition matches is marked by rows of its own, so that it is not searched again
select
    partition_version,
    charges_version,
    slice_from,
    null as match_on,
    null as matched_value,
    null as rule_rank,
    null as held_conditions
from slices
where partition_version not in (select winners.partition_version from winners)
