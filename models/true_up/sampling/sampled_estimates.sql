{{ config(materialized='table') }}

-- Events that are sampled, each of them by itself, have errors of their own: their squares add up.
with

sampled as (
    select
        events.account_id,
        events.meter_id,
        events.sku_id,
        coalesce(lower(json_extract_string(events.dimensions, '$.resource')), '') as agent_resource,
        events.billing_period,
        events.unit,
        count(*) as event_count,
        count(*) filter (where events.sampling_rate < 1) as sampled_count,
        min(events.sampling_rate) as lowest_sampling_rate,
        cast(sum(events.quantity_measured) as {{ decimal_type() }}) as quantity_measured,
        cast(sum(events.quantity) as {{ decimal_type() }}) as quantity,
        sqrt(sum(events.quantity_stderr * events.quantity_stderr)) as quantity_stderr
    from {{ ref('usage') }} as events
    inner join {{ ref('meters') }} as meters on events.meter_id = meters.meter_id
    where
        events.account_id is not null
        and events.quantity is not null
        and meters.aggregation in ('sum', 'count')
    group by
        events.account_id, events.meter_id, events.sku_id,
        coalesce(lower(json_extract_string(events.dimensions, '$.resource')), ''), events.billing_period, events.unit
    having count(*) filter (where events.sampling_rate < 1) > 0
)

select
    sampled.*,
    tiers.tier,
    tolerances.tolerance_percent,
    tolerances.standard_errors,
    tolerances.standard_errors * sampled.quantity_stderr as error_bound_stderr
from sampled
left join {{ ref('account_tiers') }} as tiers
    on
        sampled.account_id = tiers.account_id
        and sampled.billing_period >= tiers.valid_from
        and sampled.billing_period < tiers.valid_to
-- the tolerance of all where the tier has none of its own
inner join {{ ref('sampling_tolerances') }} as tolerances
    on
        tolerances.tier in (coalesce(tiers.tier, '*'), '*')
        and sampled.billing_period >= tolerances.valid_from
        and sampled.billing_period < coalesce(tolerances.valid_to, date '9999-12-31')
qualify row_number() over (
    partition by
        sampled.account_id, sampled.meter_id, sampled.sku_id, sampled.agent_resource, sampled.billing_period,
        sampled.unit
    order by tolerances.tier = '*', tiers.valid_from desc
) = 1
