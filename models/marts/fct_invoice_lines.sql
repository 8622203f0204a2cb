with

keyed as (
    select
        row_id,
        diff_id
    from {{ ref('billed_rows') }}
    where direction = 'receivable'
)

select
    invoiced.invoice_line_id,
    keyed.diff_id,
    invoiced.invoice_id,
    invoiced.line_no,
    invoiced.direction,
    invoiced.issuer,
    invoiced.recipient,
    invoiced.account_id,
    invoiced.billing_period,
    invoiced.issued_at,
    invoiced.period_start,
    invoiced.period_end,
    invoiced.due_at,
    invoiced.line_kind,
    invoiced.sku_id,
    invoiced.description,
    invoiced.quantity,
    invoiced.unit,
    invoiced.unit_price,
    invoiced.amount,
    invoiced.amount_owed,
    invoiced.currency,
    invoiced.tax_rate,
    invoiced.tax_code,
    invoiced.original_invoice_id,
    invoiced.status,
    invoiced.is_provisional,
    invoiced.is_void,
    invoiced.stated_total,
    invoiced.stated_total_difference,
    invoiced.po_number,
    invoiced.payment_currency,
    invoiced.payment_amount,
    invoiced.file_id,
    invoiced.file_row
from {{ ref('invoice_lines') }} as invoiced
left join keyed on invoiced.invoice_line_id = keyed.row_id
