-- True-ups of what customers owe for a closed period, as they stand in the ledger.
select
    cast(transaction_id as uuid) as adjustment_id,
    direction,
    split_part(reference, '/', 1) as contract_id,
    split_part(reference, '/', 2) as account_id,
    charge_kind,
    origin_period,
    posting_period,
    cast(sum(debit - credit) as {{ decimal_type() }}) as amount,
    currency,
    idempotency_key as source_id,
    transaction_id,
    cast(split_part(idempotency_key, '/', -1) as bigint) as event_number,
    recorded_at
from {{ ref('ledger_entries') }}
where event = 'customer_usage' and gl_account = 'unbilled_receivables' and posting_period != origin_period
group by
    transaction_id, direction, reference, charge_kind, origin_period, posting_period, currency, idempotency_key,
    recorded_at
