-- Which repositories use up the minutes of a build plan, and what does their part of the overage cost?
with

plans as (
    select
        positions.*,
        meters.unit
    from {{ ref('fct_entitlement_positions') }} as positions
    inner join {{ ref('meters') }} as meters on positions.meter_id = meters.meter_id
    where meters.unit ilike '%min%' and meters.aggregation in ('sum', 'count')
),

built as (
    select
        plans.position_id,
        json_extract_string(events.dimensions, '$.repository') as repository,
        sum(events.quantity) as build_minutes
    from plans
    inner join {{ ref('fct_usage') }} as events
        on
            plans.account_id = events.account_id
            and plans.meter_id = events.meter_id
            and plans.period_start <= events.usage_start
            and plans.period_end > events.usage_start
    group by plans.position_id, json_extract_string(events.dimensions, '$.repository')
)

select
    plans.period_start,
    plans.contract_id,
    plans.account_id,
    built.repository,
    built.build_minutes,
    round({{ exact_ratio(
        '100 * built.build_minutes', 'sum(built.build_minutes) over (partition by plans.position_id)'
    ) }}, 2) as share_percent,
    plans.entitled_quantity as plan_minutes,
    plans.used_quantity as plan_used_minutes,
    plans.overage_quantity as plan_overage_minutes,
    plans.overage_amount as plan_overage_amount,
    {{ prorated(
        'plans.overage_amount', 'built.build_minutes',
        'nullif(sum(built.build_minutes) over (partition by plans.position_id), 0)'
    ) }} as repository_overage_amount,
    plans.currency,
    plans.consequence,
    plans.status
from plans
inner join built on plans.position_id = built.position_id
order by plans.period_start asc, built.build_minutes desc, plans.contract_id asc, built.repository asc
