-- What must a platform charge for a unit of its driver to recover its cost, and what does it ask by its rate card?
select
    billing_period,
    owner,
    rule_id,
    driver_id,
    unit,
    unit_count,
    effective_cost,
    recovery_price,
    card_price,
    asked_amount,
    over_recovery,
    price_mode,
    currency
from {{ ref('fct_platform_prices') }}
order by billing_period, owner, rule_id, driver_id, currency
