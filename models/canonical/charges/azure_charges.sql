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
    items.invoice_id,
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
    -- an instalment of a commitment is for the month from its day on
    cast(items.usage_date as timestamp) + case
        when items.line_type = 'CommitmentPurchase' and items.frequency = 'Recurring' then interval 1 month
        else interval 1 day
    end as charge_period_end,

    -- what was charged
    coalesce(kinds.charge_category, 'Adjustment') as charge_category,
    case when items.is_restated then 'amortisation' else coalesce(kinds.charge_kind, 'unknown') end as charge_kind,
    case items.frequency
        when 'OneTime' then 'One-Time'
        when 'Recurring' then 'Recurring'
        when 'UsageBased' then 'Usage-Based'
        else coalesce(kinds.charge_frequency, 'One-Time')
    end as charge_frequency,
    items.product as charge_description,
    coalesce(categories.service_category, type_categories.service_category, 'Other') as service_category,
    coalesce(categories.service_subcategory, type_categories.service_subcategory) as service_subcategory,
    coalesce(items.meter_category, items.consumed_service, 'Other') as service_name,
    items.meter_id as sku_id,
    items.meter_name as sku_meter,
    items.part_number as sku_price_id,
    items.resource_id,
    items.resource_name,
    items.resource_type,
    coalesce(regions.region_id, items.region_id) as region_id,
    coalesce(regions.region_name, items.region_name) as region_name,
    items.availability_zone,
    case
        when items.is_committed then 'Committed'
        when items.pricing_model = 'Spot' then 'Dynamic'
        when kinds.charge_kind = 'usage' then 'Standard'
    end as pricing_category,
    items.benefit_id as commitment_id,
    items.benefit_name as commitment_name,
    items.commitment_type,
    case items.commitment_type when 'Savings Plan' then 'Spend' when 'Reservation' then 'Usage' end
        as commitment_category,
    case
        when kinds.charge_kind = 'commitment_unused' then 'Unused'
        when kinds.charge_kind = 'commitment_usage' then 'Used'
    end as commitment_status,
    items.tags,

    -- quantities and amounts
    case when not items.is_restated then items.consumed_quantity end as consumed_quantity,
    items.consumed_unit,
    case when not items.is_restated then items.pricing_quantity end as pricing_quantity,
    items.unit_of_measure as pricing_unit,
    items.list_unit_price,
    items.contracted_unit_price,
    coalesce(items.cost_at_public_price, items.billed_cost) as list_cost,
    coalesce(items.cost_at_unit_price, items.billed_cost) as contracted_cost,
    items.billed_cost,
    items.effective_cost,
    items.currency as billing_currency,
    items.pricing_currency,
    items.pricing_currency_list_unit_price,
    items.pricing_currency_contracted_unit_price,
    case when not items.is_restated then items.cost_in_pricing_currency end as pricing_currency_effective_cost
from {{ ref('azure_measured_charges') }} as items
left join {{ ref('charge_kinds') }} as kinds on kinds.source = 'azure_cost' and items.line_type = kinds.raw_type
left join {{ ref('service_categories') }} as type_categories
    on type_categories.provider = 'Microsoft' and items.resource_type = type_categories.service_code
left join {{ ref('service_categories') }} as categories
    on categories.provider = 'Microsoft' and items.meter_category = categories.service_code
left join {{ ref('regions') }} as regions on regions.provider = 'Microsoft' and items.region_id = regions.raw
