-- What must a platform charge for a unit of its driver to recover its cost, and what does it ask by its rate card?
with

passed_on as (
    select
        billing_period,
        source_owner,
        driver_id,
        currency,
        sum(allocated_effective_cost) as effective_cost
    from {{ ref('fct_allocations') }}
    where method = 'driver'
    group by billing_period, source_owner, driver_id, currency
),

driven as (
    select
        cast(date_trunc('month', driver_date) as date) as billing_period,
        driver_id,
        max(unit) as unit,
        sum(value) as unit_count
    from {{ ref('stg_allocation_drivers__driver_values') }}
    group by date_trunc('month', driver_date), driver_id
),

asked as (
    select
        billing_period,
        counterparty as source_owner,
        unit,
        currency,
        sum(expected_amount) as asked_amount
    from {{ ref('fct_expected_charges') }}
    where direction = 'internal'
    group by billing_period, counterparty, unit, currency
)

select
    passed_on.billing_period,
    passed_on.source_owner,
    passed_on.driver_id,
    driven.unit,
    driven.unit_count,
    passed_on.effective_cost,
    {{ unit_price_of('passed_on.effective_cost', 'driven.unit_count') }} as recovery_price,
    asked.asked_amount,
    asked.asked_amount - passed_on.effective_cost as over_recovery,
    passed_on.currency
from passed_on
left join driven on passed_on.billing_period = driven.billing_period and passed_on.driver_id = driven.driver_id
left join asked
    on
        passed_on.billing_period = asked.billing_period
        and passed_on.source_owner = asked.source_owner
        and driven.unit = asked.unit
        and passed_on.currency = asked.currency
order by passed_on.billing_period, passed_on.source_owner, passed_on.driver_id, passed_on.currency
