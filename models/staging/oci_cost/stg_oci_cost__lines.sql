with source as (
    select * from {{ source('raw', 'oci_cost') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('lineItem/referenceNo') }} as reference_no,
    {{ raw_text('lineItem/tenantId') }} as tenancy_id,
    {{ raw_text('product/compartmentId') }} as compartment_id,
    {{ raw_text('product/resourceId') }} as resource_id,
    {{ raw_text('cost/subscriptionId') }} as subscription_id,
    {{ raw_text('cost/productSku') }} as sku_id,
    case when {{ raw_text('lineItem/isCorrection') }} = 'true' then {{ raw_text('lineItem/backreferenceNo') }} end
        as corrects_reference_no,

    -- attributes
    {{ raw_text('product/service') }} as service,
    {{ raw_text('product/compartmentName') }} as compartment_name,
    {{ raw_text('product/region') }} as region_id,
    {{ raw_text('product/availabilityDomain') }} as availability_domain,
    {{ raw_text('product/Description') }} as description,
    {{ raw_text('cost/skuUnitDescription') }} as unit,
    {{ raw_text('cost/currencyCode') }} as currency,
    {{ raw_text('cost/billingUnitReadable') }} as billing_unit,
    coalesce({{ raw_text('cost/overageFlag') }}, 'false') = 'true' as is_overage,
    coalesce({{ raw_text('lineItem/isCorrection') }}, 'false') = 'true' as is_correction,
    {{ raw_text('tags') }} as tags,

    -- amounts
    {{ raw_decimal('usage/billedQuantity') }} as billed_quantity,
    {{ raw_decimal('usage/billedQuantityOverage') }} as billed_quantity_overage,
    {{ raw_decimal('cost/unitPrice') }} as unit_price,
    {{ raw_decimal('cost/unitPriceOverage') }} as unit_price_overage,
    {{ raw_decimal('cost/myCost') }} as cost,
    {{ raw_decimal('cost/myCostOverage') }} as cost_overage,

    -- times
    {{ raw_timestamp('lineItem/intervalUsageStart') }} as usage_start,
    {{ raw_timestamp('lineItem/intervalUsageEnd') }} as usage_end
from source
