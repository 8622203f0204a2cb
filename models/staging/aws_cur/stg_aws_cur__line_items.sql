with source as (
    select * from {{ source('raw', 'aws_cur') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('identity/LineItemId') }} as line_item_id,
    {{ raw_text('identity/TimeInterval') }} as time_interval,
    {{ raw_text('bill/InvoiceId') }} as invoice_id,
    {{ raw_text('bill/PayerAccountId') }} as payer_account_id,
    {{ raw_text('lineItem/UsageAccountId') }} as usage_account_id,
    {{ raw_text('lineItem/ResourceId') }} as resource_id,
    {{ raw_text('product/sku') }} as sku,
    {{ raw_text('pricing/RateCode') }} as rate_code,
    {{ raw_text('pricing/RateId') }} as rate_id,
    {{ raw_text('reservation/ReservationARN') }} as reservation_arn,
    {{ raw_text('savingsPlan/SavingsPlanARN') }} as savings_plan_arn,

    -- attributes
    {{ raw_text('bill/InvoicingEntity') }} as invoicing_entity,
    {{ raw_text('bill/BillingEntity') }} as billing_entity,
    {{ raw_text('bill/BillType') }} as bill_type,
    {{ raw_text('lineItem/UsageAccountName') }} as usage_account_name,
    {{ raw_text('lineItem/LineItemType') }} as line_item_type,
    {{ raw_text('lineItem/ProductCode') }} as product_code,
    {{ raw_text('lineItem/UsageType') }} as usage_type,
    {{ raw_text('lineItem/Operation') }} as operation,
    {{ raw_text('lineItem/AvailabilityZone') }} as availability_zone,
    {{ raw_text('lineItem/LineItemDescription') }} as description,
    {{ raw_text('lineItem/LegalEntity') }} as legal_entity,
    {{ raw_text('product/ProductName') }} as product_name,
    {{ raw_text('product/productFamily') }} as product_family,
    coalesce({{ raw_text('product/regionCode') }}, {{ raw_text('product/region') }}) as region_id,
    {{ raw_text('product/location') }} as region_name,
    {{ raw_text('pricing/term') }} as pricing_term,
    {{ raw_text('pricing/unit') }} as pricing_unit,
    {{ raw_text('lineItem/CurrencyCode') }} as currency,

    -- amounts
    {{ raw_decimal('lineItem/UsageAmount') }} as usage_amount,
    {{ raw_decimal('lineItem/UnblendedRate') }} as unblended_rate,
    {{ raw_decimal('lineItem/UnblendedCost') }} as unblended_cost,
    {{ raw_decimal('pricing/publicOnDemandCost') }} as public_on_demand_cost,
    {{ raw_decimal('pricing/publicOnDemandRate') }} as public_on_demand_rate,
    {{ raw_decimal('reservation/EffectiveCost') }} as reservation_effective_cost,
    {{ raw_decimal('reservation/UnusedAmortizedUpfrontFeeForBillingPeriod') }} as unused_upfront_fee,
    {{ raw_decimal('reservation/UnusedRecurringFee') }} as unused_recurring_fee,
    {{ raw_decimal('savingsPlan/SavingsPlanEffectiveCost') }} as savings_plan_effective_cost,
    {{ raw_decimal('savingsPlan/TotalCommitmentToDate') }} as total_commitment,
    {{ raw_decimal('savingsPlan/UsedCommitment') }} as used_commitment,

    -- times
    {{ raw_timestamp('bill/BillingPeriodStartDate') }} as billing_period_start,
    {{ raw_timestamp('bill/BillingPeriodEndDate') }} as billing_period_end,
    {{ raw_timestamp('lineItem/UsageStartDate') }} as usage_start,
    {{ raw_timestamp('lineItem/UsageEndDate') }} as usage_end
from source
