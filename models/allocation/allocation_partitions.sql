{{ config(materialized='table') }}

-- A month is passed on anew when its charges or their owners, a rule, the owners' directory or a driver's values of it
-- change.
with

costs as (
    select
        billing_period,
        string_agg(distinct partition_version, ',' order by partition_version) as versions
    from {{ ref('cost_groups') }}
    group by billing_period
),

rules as (
    select string_agg(partition_version, ',' order by partition_version) as versions
    from {{ ref('all_partitions') }}
    where source in ('allocation_rules', 'owner_directory')
),

drivers as (
    select
        cast(date_trunc('month', driver_date) as date) as billing_period,
        string_agg(
            concat_ws(
                '|', driver_id, driver_date, coalesce(owner, '-'), coalesce(tenant, '-'), value, is_estimated
            ), ','
            order by driver_id, driver_date, owner, tenant, value
        ) as contents
    from {{ ref('stg_allocation_drivers__driver_values') }}
    group by date_trunc('month', driver_date)
)

select
    costs.billing_period,
    md5(concat_ws(
        '|', getvariable('logic_version'), costs.billing_period, costs.versions, coalesce(rules.versions, '-'),
        coalesce(drivers.contents, '-')
    )) as partition_version
from costs
cross join rules
left join drivers on costs.billing_period = drivers.billing_period
