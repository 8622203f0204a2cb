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

    -- attributes
    {{ raw_text('service.description') }} as service_name,
    {{ raw_text('sku.description') }} as sku_name,
    {{ raw_text('project.name') }} as project_name,
    {{ raw_text('labels') }} as labels,
    {{ raw_text('location.region') }} as region_id,
    {{ raw_text('location.zone') }} as zone,
    {{ raw_text('usage.unit') }} as usage_unit,
    {{ raw_text('usage.pricing_unit') }} as pricing_unit,
    {{ raw_text('cost_type') }} as cost_type,
    {{ raw_text('currency') }} as currency,
    {{ raw_text('credits') }} as credits,

    -- amounts
    {{ raw_decimal('cost') }} as cost,
    {{ raw_decimal('usage.amount') }} as usage_amount,
    {{ raw_decimal('usage.amount_in_pricing_units') }} as pricing_amount,

    -- times
    cast(strptime({{ raw_text('invoice.month') }}, '%Y%m') as date) as billing_period,
    {{ raw_timestamp('usage_start_time') }} as usage_start,
    {{ raw_timestamp('usage_end_time') }} as usage_end,
    {{ raw_timestamp('export_time') }} as exported_at
from source
