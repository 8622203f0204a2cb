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
        '|', costs.billing_period, costs.charge_date, costs.currency, costs.source_owner, costs.owner,
        coalesce(costs.product, '-'), coalesce(costs.cost_center, '-'), coalesce(costs.tenant, '-'), costs.step,
        coalesce(costs.rule_id, '-'), coalesce(costs.driver_id, '-'), costs.share, costs.is_estimated, costs.path,
        coalesce(costs.held_because, '-'), coalesce(costs.held_rules, '-')
    )) as uuid) as allocation_id,
    costs.billing_period,
    costs.charge_date,
    costs.source_owner,
    costs.owner,
    costs.product,
    coalesce(costs.cost_center, directory.cost_center) as cost_center,
    costs.tenant,
    costs.method,
    costs.rule_id,
    costs.driver_id,
    costs.share,
    costs.allocated_billed_cost,
    costs.allocated_effective_cost,
    costs.currency,
    costs.is_estimated,
    costs.step,
    costs.path,
    costs.held_because,
    costs.held_rules,
    costs.partition_version
from {{ ref('allocated_costs') }} as costs
left join directory on costs.owner = directory.owner
where {{ is_changed_partition(ref('allocation_partitions'), 'costs.partition_version') }}
