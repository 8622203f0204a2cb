-- What closed periods show since they were frozen, in the open period.
select
    'correction/' || restatement_id as idempotency_key,
    'correction' as event,
    direction,
    charge_kind,
    recorded_at as effective_at,
    billing_period as origin_period,
    cast(null as date) as closing_period,
    billed_cost as amount,
    currency,
    cast(null as varchar) as debit_cost_center,
    cast(null as varchar) as credit_cost_center,
    billing_account_id as reference
from {{ ref('period_restatements') }}
where direction = 'payable' and charge_kind != 'tax'
