with source as (
    select * from {{ source('raw', 'gcp_billing') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('billing_account_id') }} as billing_account_id,
    {{ raw_text('service.id') }} as service_id,
    {{ raw_text('sku.id') }} as sku_id,
    {{ raw_text('project.id') }} as project_id,
    {{ raw_text('resource.name') }} as resource_name,
    {{ raw_text('resource.global_name') }} as resource_global_name,
    {{ raw_text('subscription.instance_id') }} as subscription_id,
    {{ raw_text('consumption_model.id') }} as consumption_model_id,
    {{ raw_text('adjustment_info.id') }} as adjustment_id,

    -- attributes
    {{ raw_text('service.description') }} as service_name,
    {{ raw_text('sku.description') }} as sku_name,
    {{ raw_text('project.name') }} as project_name,
    {{ raw_text('project.ancestry_numbers') }} as project_ancestry,
    {{ json_of_python(raw_text('project.labels')) }} as project_labels,
    {{ json_of_python(raw_text('labels')) }} as labels,
    {{ json_of_python(raw_text('system_labels')) }} as system_labels,
    {{ json_of_python(raw_text('tags')) }} as tags,
    {{ raw_text('location.location') }} as location_name,
    {{ raw_text('location.region') }} as region_id,
    {{ raw_text('location.zone') }} as zone,
    {{ raw_text('usage.unit') }} as usage_unit,
    {{ raw_text('usage.pricing_unit') }} as pricing_unit,
    {{ raw_text('price.unit') }} as price_unit,
    {{ raw_text('cost_type') }} as cost_type,
    {{ raw_text('adjustment_info.description') }} as adjustment_name,
    {{ raw_text('adjustment_info.mode') }} as adjustment_mode,
    {{ raw_text('adjustment_info.type') }} as adjustment_type,
    {{ raw_text('transaction_type') }} as transaction_type,
    {{ raw_text('seller_name') }} as seller_name,
    {{ raw_text('currency') }} as currency,
    {{ json_of_python(raw_text('credits')) }} as credits,

    -- amounts
    {{ raw_decimal('cost') }} as cost,
    {{ raw_decimal('cost_at_list') }} as cost_at_list,
    {{ raw_decimal('currency_conversion_rate') }} as currency_conversion_rate,
    {{ raw_decimal('price.effective_price') }} as effective_price,
    {{ raw_decimal('price.list_price') }} as list_price,
    {{ raw_decimal('price.pricing_unit_quantity') }} as price_quantity,
    {{ raw_decimal('usage.amount') }} as usage_amount,
    {{ raw_decimal('usage.amount_in_pricing_units') }} as pricing_amount,

    -- times
    cast(strptime({{ raw_text('invoice.month') }}, '%Y%m') as date) as billing_period,
    {{ raw_timestamp('usage_start_time') }} as usage_start,
    {{ raw_timestamp('usage_end_time') }} as usage_end,
    {{ raw_timestamp('export_time') }} as exported_at
from source
