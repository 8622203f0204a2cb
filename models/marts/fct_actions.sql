select
    action_id,
    exception_id,
    action,
    amount,
    currency,
    status,
    proposed_by,
    proposed_at,
    approved_by,
    approved_at,
    outcome,
    executed_by,
    executed_at,
    file_id,
    file_row
from {{ ref('actions') }}
