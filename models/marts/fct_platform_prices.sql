-- A path names each owner and rule that a cost went through; what went through a rule by driver is what its pool passed
-- on, whoever bears it at last.
with

hops as (
    select
        billing_period,
        currency,
        allocated_billed_cost,
        allocated_effective_cost,
        unnest(string_split(path, ' > ')) as hop
    from {{ ref('allocated_costs') }}
    where path != ''
),

rules as (
    select distinct
        rule_id,
        driver_id
    from {{ ref('stg_allocation_rules__rules') }}
    where method = 'driver'
),

passed_on as (
    select
        hops.billing_period,
        regexp_extract(hops.hop, '^(.*) \((.*)\)$', 1) as owner,
        rules.rule_id,
        rules.driver_id,
        hops.currency,
        cast(sum(hops.allocated_billed_cost) as {{ decimal_type() }}) as billed_cost,
        cast(sum(hops.allocated_effective_cost) as {{ decimal_type() }}) as effective_cost
    from hops
    inner join rules on regexp_extract(hops.hop, '^(.*) \((.*)\)$', 2) = rules.rule_id
    group by hops.billing_period, hops.hop, rules.rule_id, rules.driver_id, hops.currency
),

driven as (
    select
        cast(date_trunc('month', driver_date) as date) as billing_period,
        driver_id,
        max(unit) as unit,
        cast(sum(value) as {{ decimal_type() }}) as unit_count
    from {{ ref('stg_allocation_drivers__driver_values') }}
    group by date_trunc('month', driver_date), driver_id
),

asked as (
    select
        billing_period,
        counterparty as owner,
        unit,
        currency,
        cast(sum(quantity) as {{ decimal_type() }}) as asked_count,
        cast(sum(expected_amount) as {{ decimal_type() }}) as asked_amount
    from {{ ref('fct_expected_charges') }}
    where direction = 'internal'
    group by billing_period, counterparty, unit, currency
)

select
    passed_on.billing_period,
    passed_on.owner,
    passed_on.rule_id,
    passed_on.driver_id,
    driven.unit,
    driven.unit_count,
    passed_on.billed_cost,
    passed_on.effective_cost,
    {{ unit_price_of('passed_on.effective_cost', 'driven.unit_count') }} as recovery_price,
    {{ unit_price_of('asked.asked_amount', 'asked.asked_count') }} as card_price,
    asked.asked_amount,
    cast(asked.asked_amount - passed_on.effective_cost as {{ decimal_type() }}) as over_recovery,
    case when asked.asked_amount is null then 'cost_recovery' else 'rate_card' end as price_mode,
    passed_on.currency
from passed_on
left join driven on passed_on.billing_period = driven.billing_period and passed_on.driver_id = driven.driver_id
left join asked
    on
        passed_on.billing_period = asked.billing_period
        and passed_on.owner = asked.owner
        and driven.unit = asked.unit
        and passed_on.currency = asked.currency
