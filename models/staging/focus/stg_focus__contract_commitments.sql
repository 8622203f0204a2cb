with source as (
    select * from {{ source('raw', 'focus_contract_commitment') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('ContractCommitmentId') }} as contract_commitment_id,
    {{ raw_text('ContractId') }} as contract_id,

    -- attributes
    {{ raw_text('BillingCurrency') }} as billing_currency,
    {{ raw_text('ContractCommitmentApplicability') }} as contract_commitment_applicability,
    {{ raw_text('ContractCommitmentBenefitCategory') }} as contract_commitment_benefit_category,
    {{ raw_text('ContractCommitmentCategory') }} as contract_commitment_category,
    {{ raw_text('ContractCommitmentDescription') }} as contract_commitment_description,
    {{ raw_text('ContractCommitmentDurationType') }} as contract_commitment_duration_type,
    {{ raw_text('ContractCommitmentFulfillmentInterval') }} as contract_commitment_fulfillment_interval,
    {{ raw_text('ContractCommitmentLifecycleStatus') }} as contract_commitment_lifecycle_status,
    {{ raw_text('ContractCommitmentModel') }} as contract_commitment_model,
    {{ raw_text('ContractCommitmentOfferCategory') }} as contract_commitment_offer_category,
    {{ raw_text('ContractCommitmentPaymentInterval') }} as contract_commitment_payment_interval,
    {{ raw_text('ContractCommitmentPaymentModel') }} as contract_commitment_payment_model,
    {{ raw_text('ContractCommitmentType') }} as contract_commitment_type,
    {{ raw_text('ContractCommitmentUnit') }} as contract_commitment_unit,
    {{ raw_text('InvoiceIssuerName') }} as invoice_issuer_name,
    {{ raw_text('PricingCurrency') }} as pricing_currency,
    {{ raw_text('ServiceProviderName') }} as service_provider_name,

    -- amounts
    {{ raw_decimal('ContractCommitmentCost') }} as contract_commitment_cost,
    {{ raw_decimal('ContractCommitmentDiscountPercentage') }} as contract_commitment_discount_percentage,
    {{ raw_decimal('ContractCommitmentPaymentUpfrontPercentage') }} as contract_commitment_payment_upfront_percentage,
    {{ raw_decimal('ContractCommitmentQuantity') }} as contract_commitment_quantity,
    {{ raw_decimal('PricingCurrencyContractCommitmentCost') }} as pricing_currency_contract_commitment_cost,

    -- times
    {{ raw_timestamp('ContractCommitmentCreated') }} as contract_commitment_created,
    {{ raw_timestamp('ContractCommitmentLastUpdated') }} as contract_commitment_last_updated,
    {{ raw_timestamp('ContractCommitmentPeriodEnd') }} as contract_commitment_period_end,
    {{ raw_timestamp('ContractCommitmentPeriodStart') }} as contract_commitment_period_start,
    {{ raw_timestamp('ContractPeriodEnd') }} as contract_period_end,
    {{ raw_timestamp('ContractPeriodStart') }} as contract_period_start
from source
