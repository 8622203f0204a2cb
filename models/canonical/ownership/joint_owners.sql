{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('attribution_partitions')) }}",
        "{{ narrow('charges', 'charges_version', ref('joint_partitions'), ref('attribution_partitions')) }}",
    ],
    post_hook="reset variable narrowed_charges",
) }}

with

slices as (
    select * from {{ ref('attribution_slices') }}
    where {{ is_changed_partition(ref('attribution_partitions')) }}
),

rules as (
    select
        rule_rank,
        valid_from,
        valid_to,
        {{ held_in_group('condition_flag') }} as needed_conditions
    from {{ ref('owner_conditions') }}
    where condition_flag is not null
    group by rule_rank, valid_from, valid_to
),

combinations as (
    select distinct
        charges.partition_version,
        charges.charges_version,
        charges.slice_from,
        charges.held_conditions
    from {{ ref('matched_charges') }} as charges
    where charges.held_conditions is not null and {{ is_narrowed('charges', 'charges.charges_version') }}
),

winners as (
    select
        combinations.partition_version,
        combinations.charges_version,
        combinations.slice_from,
        combinations.held_conditions,
        min(rules.rule_rank) as rule_rank
    from combinations
    inner join rules
        on
            combinations.slice_from >= rules.valid_from
            and combinations.slice_from < rules.valid_to
            and {{ holds_all('combinations.held_conditions', 'rules.needed_conditions') }}
    group by
        combinations.partition_version, combinations.charges_version, combinations.slice_from,
        combinations.held_conditions
)

select * from winners

union all

-- a partition in which no such rule holds is marked by rows of its own, so that it is not searched again
select
    partition_version,
    charges_version,
    slice_from,
    null as held_conditions,
    null as rule_rank
from slices
where partition_version not in (select winners.partition_version from winners)
