with

line_items as (
    select * from {{ ref('stg_aws_cur__line_items') }}
),

amortised as (
    select
        *,
        case line_item_type
            when 'SavingsPlanCoveredUsage' then savings_plan_effective_cost
            when 'SavingsPlanRecurringFee' then total_commitment - used_commitment
            when 'SavingsPlanNegation' then 0
            when 'SavingsPlanUpfrontFee' then 0
            when 'DiscountedUsage' then reservation_effective_cost
            when 'RIFee' then coalesce(unused_upfront_fee, 0) + coalesce(unused_recurring_fee, 0)
            when 'Fee' then case when reservation_arn is null then unblended_cost else 0 end
            else unblended_cost
        end as effective_cost
    from line_items
)

select
    -- identity: what the line is, not what AWS numbered it; the line id changes between deliveries
    items.file_id,
    items.file_row,
    0 as charge_part,
    items.line_item_id as line_key,
    {{ identity([
        'items.payer_account_id', 'items.billing_period_start', 'items.usage_account_id',
        'items.line_item_type', 'items.product_code', 'items.usage_type', 'items.operation',
        'items.availability_zone', 'items.resource_id', 'items.sku', 'items.rate_id', 'items.description',
        'items.usage_start', 'items.usage_end', 'items.savings_plan_arn', 'items.reservation_arn',
        'items.legal_entity',
    ]) }} as charge_identity,

    -- parties
    'AWS' as provider,
    'Amazon Web Services' as service_provider_name,
    'Amazon Web Services' as host_provider_name,
    coalesce(items.legal_entity, 'Amazon Web Services, Inc.') as publisher_name,
    coalesce(items.invoicing_entity, items.legal_entity, 'Amazon Web Services, Inc.') as invoice_issuer,
    items.invoice_id,
    items.payer_account_id as billing_account_id,
    items.usage_account_id as sub_account_id,
    items.usage_account_name as sub_account_name,
    'Account' as sub_account_type,

    -- times
    cast(date_trunc('month', items.billing_period_start) as date) as billing_period,
    items.billing_period_start,
    items.billing_period_end,
    items.usage_start as charge_period_start,
    items.usage_end as charge_period_end,

    -- what was charged
    coalesce(kinds.charge_category, 'Adjustment') as charge_category,
    coalesce(kinds.charge_kind, 'unknown') as charge_kind,
    coalesce(kinds.charge_frequency, 'One-Time') as charge_frequency,
    items.description as charge_description,
    coalesce(categories.service_category, 'Other') as service_category,
    categories.service_subcategory,
    coalesce(items.product_name, items.product_code) as service_name,
    items.sku as sku_id,
    items.usage_type as sku_meter,
    items.rate_code as sku_price_id,
    items.resource_id,
    items.region_id,
    items.region_name,
    items.availability_zone,
    case
        when items.line_item_type in ('SavingsPlanCoveredUsage', 'DiscountedUsage') then 'Committed'
        when items.pricing_term = 'Spot' then 'Dynamic'
        when kinds.charge_kind = 'usage' then 'Standard'
    end as pricing_category,
    coalesce(items.savings_plan_arn, items.reservation_arn) as commitment_id,

    -- quantities and amounts
    items.usage_amount as consumed_quantity,
    items.pricing_unit as consumed_unit,
    items.usage_amount as pricing_quantity,
    items.pricing_unit,
    items.public_on_demand_rate as list_unit_price,
    items.unblended_rate as contracted_unit_price,
    coalesce(
        case when kinds.charge_kind = 'usage' then items.public_on_demand_cost end, items.unblended_cost
    ) as list_cost,
    items.unblended_cost as contracted_cost,
    items.unblended_cost as billed_cost,
    coalesce(items.effective_cost, items.unblended_cost) as effective_cost,
    items.currency as billing_currency
from amortised as items
left join {{ ref('charge_kinds') }} as kinds on kinds.source = 'aws_cur' and items.line_item_type = kinds.raw_type
left join {{ ref('service_categories') }} as categories
    on categories.provider = 'AWS' and items.product_code = categories.service_code
