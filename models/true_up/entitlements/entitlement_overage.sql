{{ config(materialized='table') }}

-- Usage beyond what is allowed, row by row as it came: the part of a row that lies beyond, or that gives back what
-- lay there. Where entitlements of several lengths hold the same usage, what is beyond the shorter one is not counted
-- again.
with

cumulative as (
    select
        entitled.*,
        allowances.entitled_quantity,
        sum(entitled.quantity) over (
            partition by entitled.allowance_id, entitled.period_start
            order by entitled.used_at, entitled.priced_id
        ) as reached
    from {{ ref('entitled_usage') }} as entitled
    inner join {{ ref('entitlement_allowances') }} as allowances
        on entitled.allowance_id = allowances.allowance_id and entitled.period_start = allowances.period_start
    where entitled.is_counted and not entitled.is_late
),

cut as (
    select
        *,
        cast(
            greatest(reached - entitled_quantity, 0) - greatest(reached - quantity - entitled_quantity, 0)
            as {{ decimal_type() }}
        ) as beyond_quantity
    from cumulative
),

nested as (
    select
        *,
        coalesce(max(abs(beyond_quantity)) over (
            partition by priced_id order by months, position_id
            rows between unbounded preceding and 1 preceding
        ), 0) as counted_before
    from cut
)

select
    priced_id,
    position_id,
    allowance_id,
    months,
    period_start,
    quantity,
    beyond_quantity,
    cast(
        sign(beyond_quantity) * greatest(abs(beyond_quantity) - counted_before, 0) as {{ decimal_type() }}
    ) as overage_quantity
from nested
