{{ config(materialized='table') }}

-- What a period allows: what is included, and what the period before left over, as far as it may be carried.
with recursive

grants as (
    select distinct
        allowance_id,
        period_start,
        period_end,
        final_at,
        stated_account_id,
        included_quantity,
        tolerated_quantity,
        rollover_quantity,
        overage_policy
    from {{ ref('entitlement_grants') }}
),

included as (
    select
        allowance_id,
        period_start,
        period_end,
        coalesce(min(final_at) <= {{ as_of() }}, false) as is_final,
        cast(sum(included_quantity) as {{ decimal_type() }}) as included_quantity,
        cast(sum(tolerated_quantity) as {{ decimal_type() }}) as tolerated_quantity,
        cast(sum(rollover_quantity) as {{ decimal_type() }}) as rollover_quantity,
        -- the strictest of several
        case max(case overage_policy when 'block' then 3 when 'review' then 2 else 1 end)
            when 3 then 'block'
            when 2 then 'review'
            else 'charge'
        end as overage_policy
    from grants
    group by allowance_id, period_start, period_end
),

used as (
    select
        allowance_id,
        period_start,
        cast(sum(quantity) as {{ decimal_type() }}) as used_quantity
    from {{ ref('entitled_usage') }}
    where is_counted and not is_late
    group by allowance_id, period_start
),

measured as (
    select
        included.*,
        coalesce(used.used_quantity, 0) as used_quantity,
        coalesce(lag(included.period_end) over (
            partition by included.allowance_id order by included.period_start
        ) = included.period_start, false) as has_previous
    from included
    left join used on included.allowance_id = used.allowance_id and included.period_start = used.period_start
),

carried as (
    select
        *,
        cast(0 as {{ decimal_type() }}) as carried_quantity,
        least(rollover_quantity, greatest(included_quantity - used_quantity, 0)) as left_quantity
    from measured
    where not has_previous
    union all
    select
        measured.*,
        carried.left_quantity as carried_quantity,
        least(
            measured.rollover_quantity,
            greatest(measured.included_quantity + carried.left_quantity - measured.used_quantity, 0)
        ) as left_quantity
    from carried
    inner join measured
        on
            carried.allowance_id = measured.allowance_id
            and carried.period_end = measured.period_start
            and measured.has_previous
)

select
    allowance_id,
    period_start,
    is_final,
    overage_policy,
    included_quantity,
    carried_quantity,
    cast(included_quantity + carried_quantity as {{ decimal_type() }}) as entitled_quantity,
    tolerated_quantity,
    used_quantity
from carried
