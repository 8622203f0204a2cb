select
    -- identity
    items.file_id,
    items.file_row,
    0 as charge_part,
    cast(null as varchar) as line_key,
    {{ identity([
        'items.statement', 'items.billing_account_id', 'items.subscription_id', 'items.usage_date',
        'items.meter_id', 'items.part_number', 'items.resource_id', 'items.charge_type', 'items.pricing_model',
        'items.benefit_id', 'items.product', 'items.tags', 'items.billing_period',
    ]) }} as charge_identity,

    -- parties
    'Microsoft' as provider,
    'Microsoft' as service_provider_name,
    'Microsoft' as host_provider_name,
    coalesce(items.publisher_name, 'Microsoft') as publisher_name,
    'Microsoft' as invoice_issuer,
    items.billing_account_id,
    items.billing_account_name,
    items.subscription_id as sub_account_id,
    items.subscription_name as sub_account_name,
    'Subscription' as sub_account_type,

    -- times
    items.billing_period,
    cast(items.billing_period as timestamp) as billing_period_start,
    cast(items.billing_period as timestamp) + interval 1 month as billing_period_end,
    cast(items.usage_date as timestamp) as charge_period_start,
    cast(items.usage_date as timestamp) + interval 1 day as charge_period_end,

    -- what was charged
    coalesce(kinds.charge_category, 'Adjustment') as charge_category,
    case when items.is_restated then 'amortisation' else coalesce(kinds.charge_kind, 'unknown') end as charge_kind,
    coalesce(kinds.charge_frequency, 'One-Time') as charge_frequency,
    items.product as charge_description,
    coalesce(categories.service_category, 'Other') as service_category,
    categories.service_subcategory,
    coalesce(items.meter_category, items.consumed_service) as service_name,
    items.meter_id as sku_id,
    items.meter_name as sku_meter,
    items.part_number as sku_price_id,
    items.resource_id,
    items.resource_name,
    items.region_id,
    items.region_name,
    items.availability_zone,
    case
        when items.pricing_model in ('Reservation', 'SavingsPlan') then 'Committed'
        when items.pricing_model = 'Spot' then 'Dynamic'
        when items.pricing_model = 'OnDemand' then 'Standard'
    end as pricing_category,
    items.benefit_id as commitment_id,
    items.benefit_name as commitment_name,
    case when starts_with(items.tags, '{') then items.tags else '{' || items.tags || '}' end as tags,

    -- quantities and amounts
    case when not items.is_restated then items.quantity end as consumed_quantity,
    items.unit_of_measure as consumed_unit,
    case when not items.is_restated then items.quantity end as pricing_quantity,
    items.unit_of_measure as pricing_unit,
    items.public_price as list_unit_price,
    items.unit_price as contracted_unit_price,
    case
        when kinds.charge_kind = 'usage' and items.statement = 'actual' and items.public_price > 0
            then {{ exact_product('items.public_price', 'items.quantity') }}
        else items.billed_cost
    end as list_cost,
    items.billed_cost as contracted_cost,
    items.billed_cost,
    items.effective_cost,
    items.currency as billing_currency
from {{ ref('azure_paired_charges') }} as items
left join {{ ref('charge_kinds') }} as kinds on kinds.source = 'azure_cost' and items.charge_type = kinds.raw_type
left join {{ ref('service_categories') }} as categories
    on categories.provider = 'Microsoft' and items.meter_category = categories.service_code
