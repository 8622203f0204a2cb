-- Landed decisions on exceptions, each once however often it was delivered.
with

decisions as (
    select
        *,
        try_cast(subject_id as uuid) as exception_id
    from {{ ref('stg_decisions__decisions') }}
    where subject_type = 'exception'
)

select
    {{ identity([
        'subject_id', 'decided_at', 'action', 'amount', 'currency', 'actor', 'reason', 'reference',
    ]) }} as decision_id,
    subject_id,
    exception_id,
    decided_at,
    action,
    actor,
    reason,
    reference,
    amount as decided_amount,
    currency as decided_currency,
    file_id,
    file_row,
    action in ('accept', 'approve', 'credit', 'dispute', 'rebill', 'write_off') as is_binding
from decisions
qualify row_number() over (partition by decision_id order by file_id, file_row) = 1
