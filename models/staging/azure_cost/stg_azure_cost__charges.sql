with source as (
    select * from {{ source('raw', 'azure_cost') }}
)

select
    -- ids; in the pay-as-you-go family, which has no billing account, the subscription pays
    file_id,
    file_row,
    coalesce({{ raw_text('BillingAccountId') }}, {{ raw_text('SubscriptionId') }}) as billing_account_id,
    {{ raw_text('SubscriptionId') }} as subscription_id,
    {{ raw_text('InvoiceId') }} as invoice_id,
    {{ raw_text('MeterId') }} as meter_id,
    {{ raw_text('PartNumber') }} as part_number,
    {{ raw_text('ResourceId') }} as resource_id,
    coalesce({{ raw_text('ReservationId') }}, {{ raw_text('benefitId') }}) as benefit_id,

    -- attributes
    {{ raw_text('BillingAccountName') }} as billing_account_name,
    {{ raw_text('SubscriptionName') }} as subscription_name,
    {{ raw_text('Product') }} as product,
    {{ raw_text('ServiceFamily') }} as service_family,
    {{ raw_text('MeterCategory') }} as meter_category,
    {{ raw_text('MeterSubCategory') }} as meter_subcategory,
    {{ raw_text('MeterName') }} as meter_name,
    lower({{ raw_text('ResourceLocation') }}) as region_id,
    {{ raw_text('MeterRegion') }} as region_name,
    {{ raw_text('AvailabilityZone') }} as availability_zone,
    {{ raw_text('ConsumedService') }} as consumed_service,
    {{ raw_text('ResourceGroup') }} as resource_group,
    {{ raw_text('ResourceName') }} as resource_name,
    cast(try_cast(
        '{' || nullif(regexp_replace({{ raw_text('Tags') }}, '^\s*([{](.*)[}]|"")\s*$', '\2', 's'), '') || '}' as json
    ) as varchar) as tags,
    {{ raw_text('InvoiceSection') }} as invoice_section,
    {{ raw_text('CostCenter') }} as cost_center,
    {{ raw_text('UnitOfMeasure') }} as unit_of_measure,
    coalesce({{ raw_text('benefitName') }}, {{ raw_text('ReservationName') }}) as benefit_name,
    coalesce(
        {{ raw_text('ChargeType') }}, case when {{ raw_text('BillingAccountId') }} is null then 'Usage' end
    ) as charge_type,
    {{ raw_text('Frequency') }} as frequency,
    {{ raw_text('PublisherType') }} as publisher_type,
    {{ raw_text('PublisherName') }} as publisher_name,
    {{ raw_text('PricingModel') }} as pricing_model,
    {{ raw_text('BillingCurrency') }} as currency,
    coalesce({{ raw_text('PricingCurrency') }}, {{ raw_text('BillingCurrency') }}) as pricing_currency,

    -- amounts; prices are in the pricing currency
    {{ raw_decimal('Quantity') }} as quantity,
    {{ raw_decimal('EffectivePrice') }} as effective_price,
    {{ raw_decimal('Cost') }} as cost,
    {{ raw_decimal('UnitPrice') }} as unit_price,
    {{ raw_decimal('PayGPrice') }} as public_price,
    {{ raw_decimal('PaygCostInBillingCurrency') }} as public_cost,
    {{ raw_decimal('CostInPricingCurrency') }} as cost_in_pricing_currency,
    {{ raw_decimal('ExchangeRatePricingToBilling') }} as exchange_rate,

    -- times
    coalesce({{ raw_date('BillingPeriodStartDate') }}, date_trunc('month', {{ raw_date('Date') }}))
        as billing_period_start,
    {{ raw_date('Date') }} as usage_date
from source
