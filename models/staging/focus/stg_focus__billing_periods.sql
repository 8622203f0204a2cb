with source as (
    select * from {{ source('raw', 'focus_billing_period') }}
)

select
    -- ids
    file_id,
    file_row,

    -- attributes
    {{ raw_text('BillingPeriodStatus') }} as billing_period_status,
    {{ raw_text('InvoiceIssuerName') }} as invoice_issuer_name,

    -- times
    {{ raw_timestamp('BillingPeriodCreated') }} as billing_period_created,
    {{ raw_timestamp('BillingPeriodEnd') }} as billing_period_end,
    {{ raw_timestamp('BillingPeriodLastUpdated') }} as billing_period_last_updated,
    {{ raw_timestamp('BillingPeriodStart') }} as billing_period_start
from source
