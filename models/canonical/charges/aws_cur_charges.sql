with

items as (
    select
        *,
        charge_kind in ('usage', 'commitment_usage') as is_usage,
        charge_part = 0 and charge_kind != 'cost_share' as is_priced
    from {{ ref('aws_item_costs') }}
)

select
    -- identity: what the line is, not what AWS numbered it; line and invoice ids change between deliveries
    items.file_id,
    items.file_row,
    items.charge_part,
    items.line_item_id as line_key,
    {{ identity([
        'items.export', 'items.payer_account_id', 'items.billing_period_start', 'items.usage_account_id',
        'items.charge_type', 'items.product_code', 'items.usage_type', 'items.operation',
        'items.availability_zone', 'items.resource_id', 'items.parent_resource_id', 'items.sku', 'items.rate_id',
        'items.description', 'items.tax_type', 'items.usage_start', 'items.usage_end', 'items.savings_plan_arn',
        'items.reservation_arn', 'items.legal_entity',
    ]) }} as charge_identity,

    -- parties: AWS sends the invoices for what others sell on its marketplace
    'AWS' as provider,
    case when items.is_marketplace then items.legal_entity else 'Amazon Web Services' end as service_provider_name,
    'Amazon Web Services' as host_provider_name,
    coalesce(items.legal_entity, 'Amazon Web Services, Inc.') as publisher_name,
    coalesce(
        items.invoicing_entity, case when not items.is_marketplace then items.legal_entity end,
        'Amazon Web Services, Inc.'
    ) as invoice_issuer,
    items.invoice_id,
    items.payer_account_id as billing_account_id,
    items.payer_account_name as billing_account_name,
    items.usage_account_id as sub_account_id,
    items.usage_account_name as sub_account_name,
    'Account' as sub_account_type,

    -- times
    cast(date_trunc('month', items.billing_period_start) as date) as billing_period,
    items.billing_period_start,
    items.billing_period_end,
    items.usage_start as charge_period_start,
    items.usage_end as charge_period_end,

    -- what was charged; usage of a month that was closed before corrects that month
    items.charge_category,
    items.charge_kind,
    items.charge_frequency,
    case
        when items.charge_kind = 'refund' then 'Correction'
        when items.usage_start < items.billing_period_start and items.usage_end <= items.billing_period_start
            then 'Correction'
    end as charge_class,
    items.description as charge_description,
    coalesce(categories.service_category, 'Other') as service_category,
    categories.service_subcategory,
    coalesce(items.product_name, items.product_code) as service_name,
    items.sku as sku_id,
    items.usage_type as sku_meter,
    items.rate_code as sku_price_id,
    items.resource_id,
    -- reports made for Athena and CUR 2.0 write keys in lower case
    case when items.resource_id is not null then coalesce(items.tags ->> 'Name', items.tags ->> 'name') end
        as resource_name,
    case when items.resource_id is not null then items.product_family end as resource_type,
    items.parent_resource_id,
    items.region_id,
    items.region_name,
    items.availability_zone,
    items.pricing_category,
    items.tags,
    items.cost_categories,
    items.commitment_id,
    items.commitment_type,
    items.commitment_category,
    items.commitment_status,
    items.commitment_quantity,
    case when items.commitment_quantity is not null then items.commitment_unit end as commitment_unit,

    -- quantities and amounts
    case when items.is_usage then items.usage_amount end as consumed_quantity,
    case when items.is_usage then items.pricing_unit end as consumed_unit,
    case when items.is_priced then items.usage_amount end as pricing_quantity,
    items.pricing_unit,
    items.public_on_demand_rate as list_unit_price,
    items.contracted_rate as contracted_unit_price,
    items.list_cost,
    items.contracted_cost,
    items.billed_cost,
    items.effective_cost,
    items.split_cost,
    items.currency as billing_currency
from items
left join {{ ref('service_categories') }} as categories
    on categories.provider = 'AWS' and items.product_code = categories.service_code
