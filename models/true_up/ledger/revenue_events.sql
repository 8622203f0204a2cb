-- What customers owe for a closed period by its final usage, less what is booked of it: the true-up. Any number of runs
-- in any order ends at the same sum.
with

closed as (
    select distinct billing_period
    from {{ ref('period_snapshots') }}
    where direction = 'receivable'
),

owed as (
    select
        concat_ws('/', expected.contract_id, expected.account_id, expected.charge_kind, expected.currency) as reference,
        expected.charge_kind,
        expected.billing_period,
        expected.currency,
        sum(expected.expected_amount) as amount
    from {{ ref('expected_charges') }} as expected
    semi join closed on expected.billing_period = closed.billing_period
    where expected.direction = 'receivable' and expected.charge_kind != 'tax' and expected.expected_amount is not null
    group by
        expected.contract_id, expected.account_id, expected.charge_kind, expected.billing_period, expected.currency
),

held as (
    select
        reference,
        origin_period,
        sum(debit - credit) as amount,
        count(distinct transaction_id) as event_count
    from {{ ref('ledger_entries') }}
    where event = 'customer_usage' and gl_account = 'unbilled_receivables'
    group by reference, origin_period
),

stages as (
    select
        coalesce(owed.reference, held.reference) as reference,
        coalesce(owed.charge_kind, split_part(held.reference, '/', 3)) as charge_kind,
        coalesce(owed.billing_period, held.origin_period) as billing_period,
        coalesce(owed.currency, split_part(held.reference, '/', 4)) as currency,
        coalesce(owed.amount, 0) as amount,
        coalesce(held.amount, 0) as held_amount,
        coalesce(held.event_count, 0) as event_count
    from owed
    full outer join held on owed.reference = held.reference and owed.billing_period = held.origin_period
)

select
    concat_ws('/', 'customer_usage', billing_period, reference, 1 + event_count) as idempotency_key,
    'customer_usage' as event,
    'receivable' as direction,
    charge_kind,
    cast(billing_period + interval 1 month - interval 1 second as timestamp) as effective_at,
    billing_period as origin_period,
    billing_period as closing_period,
    cast(amount - held_amount as {{ decimal_type() }}) as amount,
    currency,
    cast(null as varchar) as debit_cost_center,
    cast(null as varchar) as credit_cost_center,
    reference
from stages
