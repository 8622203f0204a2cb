with source as (
    select * from {{ source('raw', 'azure_usage_api') }}
)

select
    -- ids
    file_id,
    file_row,
    lower({{ raw_text('subscription_id') }}) as billing_account_id,
    lower({{ raw_text('subscription_id') }}) as subscription_id,
    {{ raw_text('meter_id') }} as meter_id,
    {{ raw_text('resource_id') }} as resource_id,

    -- attributes
    {{ raw_text('subscription_name') }} as subscription_name,
    {{ raw_text('product') }} as product,
    {{ raw_text('meter_details.meter_category') }} as meter_category,
    {{ raw_text('meter_details.meter_sub_category') }} as meter_subcategory,
    {{ raw_text('meter_details.meter_name') }} as meter_name,
    lower({{ raw_text('resource_location') }}) as region_id,
    {{ raw_text('meter_details.meter_location') }} as region_name,
    {{ raw_text('consumed_service') }} as consumed_service,
    {{ raw_text('resource_group') }} as resource_group,
    {{ raw_text('resource_name') }} as resource_name,
    {{ raw_text('tags') }} as tags,
    coalesce({{ raw_text('meter_details.unit') }}, {{ raw_text('meter_details.unit_of_measure') }}) as unit_of_measure,
    coalesce({{ raw_text('charge_type') }}, 'Usage') as charge_type,
    {{ raw_text('frequency') }} as frequency,
    {{ raw_text('publisher_type') }} as publisher_type,
    {{ raw_text('billing_currency') }} as currency,
    {{ raw_text('billing_currency') }} as pricing_currency,

    -- amounts
    {{ raw_decimal('usage_quantity') }} as quantity,
    {{ raw_decimal('effective_price') }} as effective_price,
    {{ raw_decimal('cost') }} as cost,
    {{ raw_decimal('unit_price') }} as unit_price,

    -- times
    cast(coalesce(
        {{ raw_timestamp('billing_period_start_date') }},
        date_trunc('month', coalesce({{ raw_timestamp('date') }}, {{ raw_timestamp('usage_start_time') }}))
    ) as date) as billing_period_start,
    cast(coalesce({{ raw_timestamp('date') }}, {{ raw_timestamp('usage_start_time') }}) as date) as usage_date
from source
