select
    issuer,
    invoice_id,
    issued_at,
    due_at,
    amount,
    disputed_amount,
    undecided_amount,
    cast(payable_amount as {{ decimal_type() }}) as payable_amount,
    currency,
    recommendation,
    case recommendation
        when 'hold' then hold_reason
        when 'short_pay' then 'less what is disputed'
        else 'nothing is disputed'
    end as reason,
    po_numbers
from {{ ref('payments_due') }}
