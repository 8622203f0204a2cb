with source as (
    select * from {{ source('raw', 'aws_cur2') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('identity_line_item_id') }} as line_item_id,
    {{ raw_text('identity_time_interval') }} as time_interval,
    {{ raw_text('bill_invoice_id') }} as invoice_id,
    {{ raw_text('bill_payer_account_id') }} as payer_account_id,
    {{ raw_text('line_item_usage_account_id') }} as usage_account_id,
    {{ raw_text('line_item_resource_id') }} as resource_id,
    {{ raw_text('split_line_item_parent_resource_id') }} as parent_resource_id,
    {{ raw_text('product_sku') }} as sku,
    {{ raw_text('pricing_rate_code') }} as rate_code,
    {{ raw_text('pricing_rate_id') }} as rate_id,
    {{ raw_text('reservation_reservation_a_r_n') }} as reservation_arn,
    {{ raw_text('savings_plan_savings_plan_a_r_n') }} as savings_plan_arn,

    -- attributes
    {{ raw_text('bill_invoicing_entity') }} as invoicing_entity,
    {{ raw_text('bill_billing_entity') }} as billing_entity,
    {{ raw_text('bill_bill_type') }} as bill_type,
    {{ raw_text('bill_payer_account_name') }} as payer_account_name,
    {{ raw_text('line_item_usage_account_name') }} as usage_account_name,
    {{ raw_text('line_item_line_item_type') }} as line_item_type,
    {{ raw_text('line_item_product_code') }} as product_code,
    {{ raw_text('line_item_usage_type') }} as usage_type,
    {{ raw_text('line_item_operation') }} as operation,
    {{ raw_text('line_item_availability_zone') }} as availability_zone,
    {{ raw_text('line_item_line_item_description') }} as description,
    {{ raw_text('line_item_tax_type') }} as tax_type,
    {{ raw_text('line_item_legal_entity') }} as legal_entity,
    coalesce({{ raw_text('product') }} ->> 'product_name', {{ raw_text('product') }} ->> 'servicename') as product_name,
    {{ raw_text('product_product_family') }} as product_family,
    {{ raw_text('product_instance_type') }} as instance_type,
    {{ raw_text('product_region_code') }} as region_id,
    {{ raw_text('product_location') }} as region_name,
    {{ raw_text('pricing_term') }} as pricing_term,
    {{ raw_text('pricing_unit') }} as pricing_unit,
    {{ raw_text('savings_plan_offering_type') }} as savings_plan_type,
    {{ raw_text('line_item_currency_code') }} as currency,
    -- keys as in the legacy report: without the prefix of tags made by users
    nullif(regexp_replace(
        coalesce({{ raw_text('resource_tags') }}, {{ raw_text('tags') }}),
        '([{,]\s*")(?:resourceTags/)?user[:_]', '\1', 'g'
    ), '{}') as tags,
    nullif({{ raw_text('cost_category') }}, '{}') as cost_categories,

    -- quantities
    {{ raw_decimal('line_item_usage_amount') }} as usage_amount,
    {{ raw_decimal('line_item_normalized_usage_amount') }} as normalized_usage_amount,
    {{ raw_decimal('reservation_unused_quantity') }} as unused_quantity,
    {{ raw_decimal('reservation_total_reserved_units') }} as reserved_quantity,

    -- amounts
    {{ raw_decimal('line_item_unblended_rate') }} as unblended_rate,
    {{ raw_decimal('line_item_unblended_cost') }} as unblended_cost,
    {{ raw_decimal('line_item_net_unblended_rate') }} as net_unblended_rate,
    {{ raw_decimal('line_item_net_unblended_cost') }} as net_unblended_cost,
    {{ raw_decimal('pricing_public_on_demand_cost') }} as public_on_demand_cost,
    {{ raw_decimal('pricing_public_on_demand_rate') }} as public_on_demand_rate,
    {{ raw_decimal('reservation_effective_cost') }} as reservation_effective_cost,
    {{ raw_decimal('reservation_net_effective_cost') }} as net_reservation_effective_cost,
    {{ raw_decimal('reservation_unused_amortized_upfront_fee_for_billing_period') }} as unused_upfront_fee,
    {{ raw_decimal('reservation_net_unused_amortized_upfront_fee_for_billing_period') }} as net_unused_upfront_fee,
    {{ raw_decimal('reservation_unused_recurring_fee') }} as unused_recurring_fee,
    {{ raw_decimal('reservation_net_unused_recurring_fee') }} as net_unused_recurring_fee,
    {{ raw_decimal('savings_plan_savings_plan_effective_cost') }} as savings_plan_effective_cost,
    {{ raw_decimal('savings_plan_net_savings_plan_effective_cost') }} as net_savings_plan_effective_cost,
    {{ raw_decimal('savings_plan_total_commitment_to_date') }} as total_commitment,
    {{ raw_decimal('savings_plan_used_commitment') }} as used_commitment,
    {{ raw_decimal('savings_plan_amortized_upfront_commitment_for_billing_period') }} as upfront_commitment,
    {{ raw_decimal('savings_plan_net_amortized_upfront_commitment_for_billing_period') }} as net_upfront_commitment,
    {{ raw_decimal('savings_plan_recurring_commitment_for_billing_period') }} as recurring_commitment,
    {{ raw_decimal('savings_plan_net_recurring_commitment_for_billing_period') }} as net_recurring_commitment,
    {{ raw_decimal('split_line_item_split_cost') }} as split_used_cost,
    {{ raw_decimal('split_line_item_unused_cost') }} as split_unused_cost,
    {{ raw_decimal('split_line_item_net_split_cost') }} as net_split_used_cost,
    {{ raw_decimal('split_line_item_net_unused_cost') }} as net_split_unused_cost,

    -- times
    {{ raw_timestamp('bill_billing_period_start_date') }} as billing_period_start,
    {{ raw_timestamp('bill_billing_period_end_date') }} as billing_period_end,
    {{ raw_timestamp('line_item_usage_start_date') }} as usage_start,
    {{ raw_timestamp('line_item_usage_end_date') }} as usage_end
from source
