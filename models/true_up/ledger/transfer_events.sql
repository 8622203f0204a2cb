-- What cost centres owe each other for a closed period, less what is booked of it: a later change is a further event.
with

stages as (
    select
        transfers.transfer_id,
        kinds.event,
        case kinds.event when 'chargeback' then transfers.amount else transfers.markup_amount end as amount,
        transfers.billing_period,
        transfers.currency,
        transfers.debit_cost_center,
        transfers.credit_cost_center
    from {{ ref('fct_internal_transfers') }} as transfers
    cross join (select unnest(['chargeback', 'markup']) as event) as kinds
),

closed as (
    select distinct billing_period
    from {{ ref('period_snapshots') }}
    where direction = 'internal'
),

held as (
    select
        reference,
        event,
        sum(debit - credit) as amount,
        count(distinct transaction_id) as event_count
    from {{ ref('ledger_entries') }}
    where event in ('chargeback', 'markup') and gl_account in ('chargeback_expense', 'intercompany_expense')
    group by reference, event
)

select
    concat_ws('/', stages.event, stages.transfer_id, 1 + coalesce(held.event_count, 0)) as idempotency_key,
    stages.event,
    'internal' as direction,
    'usage' as charge_kind,
    cast(stages.billing_period + interval 1 month - interval 1 second as timestamp) as effective_at,
    stages.billing_period as origin_period,
    stages.billing_period as closing_period,
    cast(stages.amount - coalesce(held.amount, 0) as {{ decimal_type() }}) as amount,
    stages.currency,
    stages.debit_cost_center,
    stages.credit_cost_center,
    cast(stages.transfer_id as varchar) as reference
from stages
semi join closed on stages.billing_period = closed.billing_period
left join held on cast(stages.transfer_id as varchar) = held.reference and stages.event = held.event
