with

stated as (
    select
        billed_cost as BilledCost,
        billing_account_id as BillingAccountId,
        billing_currency as BillingCurrency,
        billing_period_end as BillingPeriodEnd,
        billing_period_start as BillingPeriodStart,
        charge_category as ChargeCategory,
        coalesce(invoice_detail_created, billing_period_end) as InvoiceDetailCreated,
        invoice_detail_description as InvoiceDetailDescription,
        invoice_detail_grain as InvoiceDetailGrain,
        invoice_detail_id as InvoiceDetailId,
        coalesce(invoice_detail_last_updated, invoice_detail_created, billing_period_end) as InvoiceDetailLastUpdated,
        invoice_id as InvoiceId,
        invoice_issue_date as InvoiceIssueDate,
        invoice_issue_status as InvoiceIssueStatus,
        invoice_issuer_name as InvoiceIssuerName,
        coalesce(payment_currency, billing_currency) as PaymentCurrency,
        case when payment_currency is null then billed_cost else payment_currency_billed_cost end
            as PaymentCurrencyBilledCost,
        coalesce(payment_currency_invoice_detail_id, invoice_detail_id) as PaymentCurrencyInvoiceDetailId,
        payment_due_date as PaymentDueDate,
        coalesce(payment_terms, 'Not stated') as PaymentTerms,
        purchase_order_number as PurchaseOrderNumber,
        coalesce(reference_invoice_id, invoice_id) as ReferenceInvoiceId
    from {{ ref('stated_invoice_details') }}
),

-- what the invoice itself would say is left open: its dates, its payment terms, its order number
derived as (
    select
        billed_cost as BilledCost,
        billing_account_id as BillingAccountId,
        billing_currency as BillingCurrency,
        billing_period_end as BillingPeriodEnd,
        billing_period_start as BillingPeriodStart,
        charge_category as ChargeCategory,
        billing_period_end as InvoiceDetailCreated,
        charge_category || ' charges of invoice ' || invoice_id || ', summed up from Cost and Usage'
            as InvoiceDetailDescription,
        '{"x_DerivedFrom": "Cost and Usage"}' as InvoiceDetailGrain,
        invoice_detail_id as InvoiceDetailId,
        billing_period_end as InvoiceDetailLastUpdated,
        invoice_id as InvoiceId,
        cast(null as timestamp) as InvoiceIssueDate,
        'Issued' as InvoiceIssueStatus,
        invoice_issuer as InvoiceIssuerName,
        billing_currency as PaymentCurrency,
        billed_cost as PaymentCurrencyBilledCost,
        invoice_detail_id as PaymentCurrencyInvoiceDetailId,
        cast(null as timestamp) as PaymentDueDate,
        'Not stated' as PaymentTerms,
        cast(null as varchar) as PurchaseOrderNumber,
        invoice_id as ReferenceInvoiceId
    from {{ ref('derived_invoice_details') }}
)

select * from stated
union all
select * from derived
