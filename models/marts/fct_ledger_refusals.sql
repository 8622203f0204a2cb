select
    run_id,
    recorded_at,
    idempotency_key,
    reason,
    payload_hash,
    held_payload_hash
from {{ ref('ledger_refusals') }}
