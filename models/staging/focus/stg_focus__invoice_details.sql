with source as (
    select * from {{ source('raw', 'focus_invoice_detail') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('BillingAccountId') }} as billing_account_id,
    {{ raw_text('InvoiceDetailId') }} as invoice_detail_id,
    {{ raw_text('InvoiceId') }} as invoice_id,
    {{ raw_text('PaymentCurrencyInvoiceDetailId') }} as payment_currency_invoice_detail_id,
    {{ raw_text('ReferenceInvoiceId') }} as reference_invoice_id,

    -- attributes
    {{ raw_text('BillingCurrency') }} as billing_currency,
    {{ raw_text('ChargeCategory') }} as charge_category,
    {{ raw_text('InvoiceDetailDescription') }} as invoice_detail_description,
    {{ raw_text('InvoiceDetailGrain') }} as invoice_detail_grain,
    {{ raw_text('InvoiceIssueStatus') }} as invoice_issue_status,
    {{ raw_text('InvoiceIssuerName') }} as invoice_issuer_name,
    {{ raw_text('PaymentCurrency') }} as payment_currency,
    {{ raw_text('PaymentTerms') }} as payment_terms,
    {{ raw_text('PurchaseOrderNumber') }} as purchase_order_number,

    -- amounts
    {{ raw_decimal('BilledCost') }} as billed_cost,
    {{ raw_decimal('PaymentCurrencyBilledCost') }} as payment_currency_billed_cost,

    -- times
    {{ raw_timestamp('BillingPeriodEnd') }} as billing_period_end,
    {{ raw_timestamp('BillingPeriodStart') }} as billing_period_start,
    {{ raw_timestamp('InvoiceDetailCreated') }} as invoice_detail_created,
    {{ raw_timestamp('InvoiceDetailLastUpdated') }} as invoice_detail_last_updated,
    {{ raw_timestamp('InvoiceIssueDate') }} as invoice_issue_date,
    {{ raw_timestamp('PaymentDueDate') }} as payment_due_date
from source
