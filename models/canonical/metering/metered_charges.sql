{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('metering_partitions')) }}",
        "{{ narrow('charges', 'charges_version', ref('metering_partitions'), ref('metering_partitions')) }}",
    ],
    post_hook="reset variable narrowed_charges",
) }}

with

used as (
    select
        partition_version,
        account_id,
        sku_id,
        agent_resource,
        interval_starts_at,
        count(*) as usage_count,
        cast(sum(quantity) as {{ decimal_type() }}) as own_quantity,
        cast(sum(quantity) filter (where copy_no = 1) as {{ decimal_type() }}) as single_quantity
    from {{ ref('vendor_usage') }}
    where
        interval_starts_at is not null
        and {{ is_changed_partition(ref('metering_partitions')) }}
    group by partition_version, account_id, sku_id, agent_resource, interval_starts_at
),

compared as (
    select
        intervals.*,
        coalesce(used.usage_count, 0) as usage_count,
        coalesce(used.own_quantity, 0) as own_quantity,
        -- copies are too many where the rest alone comes closer to what the other side says
        abs(coalesce(used.own_quantity, 0) - intervals.single_quantity)
        < abs(coalesce(used.own_quantity, 0) - intervals.provider_quantity)
        and (used.own_quantity > 0 or not intervals.has_gap) as is_billed_twice,
        coalesce(
            abs(intervals.provider_quantity - used.single_quantity)
            < abs(intervals.provider_quantity - used.own_quantity), false
        ) as is_metered_twice
    from {{ ref('metered_intervals') }} as intervals
    left join used
        on
            intervals.partition_version = used.partition_version
            and intervals.account_id = used.account_id
            and intervals.sku_id = used.sku_id
            and intervals.agent_resource = used.agent_resource
            and intervals.starts_at = used.interval_starts_at
    where intervals.is_comparable
),

lines as (
    select
        metered.*,
        compared.usage_count,
        compared.has_gap,
        compared.is_metered_twice,
        compared.own_quantity as interval_quantity,
        metered.copy_no > 1 and compared.is_billed_twice as is_surplus
    from {{ ref('metered_lines') }} as metered
    inner join compared
        on
            metered.partition_id = compared.partition_id
            and metered.account_id = compared.account_id
            and metered.sku_id = compared.sku_id
            and metered.agent_resource = compared.agent_resource
            and metered.charge_period_start = compared.starts_at
),

-- What was used fills the lines of its interval in their order; the last line takes what is left over, copies nothing.
filled as (
    select
        *,
        interval_quantity
        - coalesce(sum(quantity) over (in_order rows between unbounded preceding and 1 preceding), 0) as quantity_left,
        lead(charge_id) over in_order is null as is_last
    from lines
    window in_order as (
        partition by partition_id, account_id, sku_id, agent_resource, charge_period_start, is_surplus
        order by copy_no, charge_id
    )
)

select
    * exclude (quantity, copy_no, feeds, is_reported, pricing_unit, interval_quantity, quantity_left, is_last),
    quantity as provider_quantity,
    cast(case
        when is_surplus then 0
        when is_last then greatest(quantity_left, 0)
        else least(quantity, greatest(quantity_left, 0))
    end as {{ decimal_type() }}) as own_quantity
from filled
