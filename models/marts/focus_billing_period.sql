select
    created_at as BillingPeriodCreated,
    billing_period_end as BillingPeriodEnd,
    last_updated_at as BillingPeriodLastUpdated,
    billing_period_start as BillingPeriodStart,
    billing_period_status as BillingPeriodStatus,
    invoice_issuer as InvoiceIssuerName
from {{ ref('issuer_periods') }}
