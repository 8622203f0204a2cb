{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('allocation_partitions')) }}",
) }}

with

directory as (
    select
        owner,
        max(cost_center) as cost_center
    from {{ ref('stg_owner_directory__owners') }}
    group by owner
)

select
    cast(md5(concat_ws(
        '|', allocated.billing_period, allocated.charge_date, allocated.currency, allocated.source_owner,
        allocated.owner, coalesce(allocated.product, '-'), coalesce(allocated.cost_center, '-'),
        coalesce(allocated.tenant, '-'), allocated.step, coalesce(allocated.rule_id, '-'),
        coalesce(allocated.driver_id, '-'), allocated.share, allocated.is_estimated, allocated.path,
        coalesce(allocated.held_because, '-'), coalesce(allocated.held_rules, '-')
    )) as uuid) as allocation_id,
    allocated.billing_period,
    allocated.charge_date,
    allocated.source_owner,
    allocated.owner,
    allocated.product,
    coalesce(allocated.cost_center, directory.cost_center) as cost_center,
    allocated.tenant,
    allocated.method,
    allocated.rule_id,
    allocated.driver_id,
    allocated.share,
    allocated.allocated_billed_cost,
    allocated.allocated_effective_cost,
    allocated.currency,
    allocated.is_estimated,
    allocated.step,
    allocated.path,
    allocated.held_because,
    allocated.held_rules,
    allocated.partition_version
from {{ ref('allocated_costs') }} as allocated
left join directory on allocated.owner = directory.owner
where {{ is_changed_partition(ref('allocation_partitions'), 'allocated.partition_version') }}
