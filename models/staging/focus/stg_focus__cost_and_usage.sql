with source as (
    select * from {{ source('raw', 'focus') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('BillingAccountId') }} as billing_account_id,
    {{ raw_text('CommitmentDiscountId') }} as commitment_discount_id,
    {{ raw_text('RegionId') }} as region_id,
    {{ raw_text('ResourceId') }} as resource_id,
    {{ raw_text('SkuId') }} as sku_id,
    {{ raw_text('SkuPriceId') }} as sku_price_id,
    {{ raw_text('SubAccountId') }} as sub_account_id,

    -- attributes
    {{ raw_text('AvailabilityZone') }} as availability_zone,
    {{ raw_text('BillingAccountName') }} as billing_account_name,
    {{ raw_text('BillingCurrency') }} as billing_currency,
    {{ raw_text('ChargeCategory') }} as charge_category,
    {{ raw_text('ChargeClass') }} as charge_class,
    {{ raw_text('ChargeDescription') }} as charge_description,
    {{ raw_text('ChargeFrequency') }} as charge_frequency,
    {{ raw_text('CommitmentDiscountCategory') }} as commitment_discount_category,
    {{ raw_text('CommitmentDiscountName') }} as commitment_discount_name,
    {{ raw_text('CommitmentDiscountStatus') }} as commitment_discount_status,
    {{ raw_text('CommitmentDiscountType') }} as commitment_discount_type,
    {{ raw_text('ConsumedUnit') }} as consumed_unit,
    {{ raw_text('InvoiceIssuerName') }} as invoice_issuer_name,
    {{ raw_text('PricingCategory') }} as pricing_category,
    {{ raw_text('PricingUnit') }} as pricing_unit,
    {{ raw_text('ProviderName') }} as provider_name,
    {{ raw_text('PublisherName') }} as publisher_name,
    {{ raw_text('RegionName') }} as region_name,
    {{ raw_text('ResourceName') }} as resource_name,
    {{ raw_text('ResourceType') }} as resource_type,
    {{ raw_text('ServiceCategory') }} as service_category,
    {{ raw_text('ServiceName') }} as service_name,
    {{ raw_text('SubAccountName') }} as sub_account_name,
    {{ raw_text('Tags') }} as tags,

    -- amounts
    {{ raw_decimal('BilledCost') }} as billed_cost,
    {{ raw_decimal('ConsumedQuantity') }} as consumed_quantity,
    {{ raw_decimal('ContractedCost') }} as contracted_cost,
    {{ raw_decimal('ContractedUnitPrice') }} as contracted_unit_price,
    {{ raw_decimal('EffectiveCost') }} as effective_cost,
    {{ raw_decimal('ListCost') }} as list_cost,
    {{ raw_decimal('ListUnitPrice') }} as list_unit_price,
    {{ raw_decimal('PricingQuantity') }} as pricing_quantity,

    -- times
    {{ raw_timestamp('BillingPeriodEnd') }} as billing_period_end,
    {{ raw_timestamp('BillingPeriodStart') }} as billing_period_start,
    {{ raw_timestamp('ChargePeriodEnd') }} as charge_period_end,
    {{ raw_timestamp('ChargePeriodStart') }} as charge_period_start
from source
