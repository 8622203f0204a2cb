with

keyed as (
    select
        row_id,
        diff_id
    from {{ ref('billed_rows') }}
    where direction = 'receivable'
)

select
    lines.invoice_line_id,
    keyed.diff_id,
    lines.invoice_id,
    lines.line_no,
    lines.direction,
    lines.issuer,
    lines.recipient,
    lines.account_id,
    lines.billing_period,
    lines.issued_at,
    lines.period_start,
    lines.period_end,
    lines.due_at,
    lines.line_kind,
    lines.sku_id,
    lines.description,
    lines.quantity,
    lines.unit,
    lines.unit_price,
    lines.amount,
    lines.amount_owed,
    lines.currency,
    lines.tax_rate,
    lines.tax_code,
    lines.original_invoice_id,
    lines.status,
    lines.is_provisional,
    lines.is_void,
    lines.stated_total,
    lines.stated_total_difference,
    lines.po_number,
    lines.payment_currency,
    lines.payment_amount,
    lines.file_id,
    lines.file_row
from {{ ref('invoice_lines') }} as lines
left join keyed on lines.invoice_line_id = keyed.row_id
