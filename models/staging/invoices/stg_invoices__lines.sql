with source as (
    select * from {{ source('raw', 'invoices') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('issuer') }} as issuer,
    {{ raw_text('invoice_id') }} as invoice_id,
    {{ raw_text('line_no') }} as line_no,
    {{ raw_text('account_id') }} as account_id,
    {{ raw_text('sku_id') }} as sku_id,
    {{ raw_text('original_invoice_id') }} as original_invoice_id,

    -- attributes
    {{ raw_text('direction') }} as direction,
    {{ raw_text('recipient') }} as recipient,
    {{ raw_text('line_kind') }} as line_kind,
    {{ raw_text('description') }} as description,
    {{ raw_text('unit') }} as unit,
    {{ raw_text('currency') }} as currency,
    {{ raw_text('status') }} as status,
    {{ raw_text('po_number') }} as po_number,
    {{ raw_text('tax_code') }} as tax_code,
    {{ raw_text('payment_currency') }} as payment_currency,

    -- amounts
    {{ raw_decimal('quantity') }} as quantity,
    {{ raw_decimal('unit_price') }} as unit_price,
    {{ raw_text('amount') }} as stated_amount,
    {{ raw_decimal('amount') }} as amount,
    {{ raw_decimal('tax_rate') }} as tax_rate,
    {{ raw_decimal('stated_total') }} as stated_total,
    {{ raw_decimal('payment_amount') }} as payment_amount,

    -- times
    cast(date_trunc(
        'month', coalesce({{ raw_timestamp('period_start') }}, {{ raw_timestamp('issued_at') }})
    ) as date) as billing_period,
    {{ raw_timestamp('issued_at') }} as issued_at,
    {{ raw_timestamp('period_start') }} as period_start,
    {{ raw_timestamp('period_end') }} as period_end,
    {{ raw_timestamp('due_at') }} as due_at
from source
