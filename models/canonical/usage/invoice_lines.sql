with

lines as (
    select records.*
    from {{ ref('invoice_records') }} as records
    left join {{ ref('record_twins') }} as twins
        on twins.source = 'invoices' and records.file_id = twins.file_id and records.file_row = twins.file_row
    where twins.file_row is null
)

select
    {{ identity(['issuer', 'invoice_id', 'line_no']) }} as invoice_line_id,
    invoice_id,
    line_no,
    direction,
    issuer,
    recipient,
    account_id,
    billing_period,
    issued_at,
    period_start,
    period_end,
    due_at,
    line_kind,
    sku_id,
    description,
    quantity,
    unit,
    unit_price,
    amount,
    -- nothing is owed on a void invoice
    case when is_void then 0 else amount end as amount_owed,
    currency,
    tax_rate,
    tax_code,
    original_invoice_id,
    status,
    is_provisional,
    is_void,
    max(stated_total) over invoice as stated_total,
    max(stated_total) over invoice - cast(sum(amount) over invoice as {{ decimal_type() }}) as stated_total_difference,
    po_number,
    payment_currency,
    payment_amount,
    file_id,
    file_row
from lines
window invoice as (partition by issuer, invoice_id, currency)
