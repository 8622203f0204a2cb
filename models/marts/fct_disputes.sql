select
    dispute_id,
    kind,
    subject_id,
    exception_id,
    invoice_issuer,
    invoice_id,
    claimed_amount,
    recovered_amount,
    currency,
    status,
    outcome,
    reference,
    opened_at,
    {{ whole_units_between('opened_at', 'aged_until') }} as age_hours,
    {{ whole_units_between('opened_at', 'aged_until', 'day') }} as age_days,
    file_id,
    file_row
from {{ ref('disputes') }}
