-- Events with the accounts of the rule for their kind of charge, else of that for all. Amounts are in whole subunits of
-- the currency.
with

events as (
    select * from {{ ref('accrual_events') }}
    union all
    select * from {{ ref('correction_events') }}
    union all
    select * from {{ ref('invoice_events') }}
    union all
    select * from {{ ref('claim_events') }}
    union all
    select * from {{ ref('transfer_events') }}
    union all
    select * from {{ ref('revenue_events') }}
)

select
    events.*,
    {{ rounded_to('events.amount', 'coalesce(currencies.subunit_digits, 2)') }} as booked,
    rules.debit as debit_account,
    rules.credit as credit_account
from events
inner join {{ ref('posting_rules') }} as rules
    on
        events.event_type = rules.event_type
        and rules.charge_kind in (events.charge_kind, '*')
        and events.effective_at >= rules.valid_from
        and events.effective_at < coalesce(rules.valid_to, date '9999-12-31')
left join {{ ref('currencies') }} as currencies on events.currency = currencies.currency
qualify
    row_number() over (
        partition by events.idempotency_key, events.charge_kind
        order by rules.charge_kind = '*' asc, rules.valid_from desc
    ) = 1
