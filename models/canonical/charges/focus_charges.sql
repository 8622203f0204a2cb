with

rows as (
    select * from {{ ref('stg_focus__cost_and_usage') }}
),

kinds as (
    select * from {{ ref('charge_kinds') }}
    where source = 'focus'
)

select
    -- identity: FOCUS 1.0 has no line id; amounts are not part of what a line is
    rows.file_id,
    rows.file_row,
    0 as charge_part,
    cast(null as varchar) as line_key,
    {{ identity([
        'rows.provider_name', 'rows.billing_account_id', 'rows.sub_account_id', 'rows.billing_period_start',
        'rows.charge_period_start', 'rows.charge_period_end', 'rows.charge_category', 'rows.charge_class',
        'rows.charge_description', 'rows.sku_id', 'rows.sku_price_id', 'rows.resource_id', 'rows.region_id',
        'rows.commitment_discount_id', 'rows.pricing_category', 'rows.tags',
    ]) }} as charge_identity,

    -- parties
    rows.provider_name as provider,
    rows.provider_name as service_provider_name,
    rows.provider_name as host_provider_name,
    coalesce(rows.publisher_name, rows.provider_name) as publisher_name,
    rows.invoice_issuer_name as invoice_issuer,
    rows.billing_account_id,
    rows.billing_account_name,
    rows.sub_account_id,
    rows.sub_account_name,

    -- times
    cast(date_trunc('month', rows.billing_period_start) as date) as billing_period,
    rows.billing_period_start,
    rows.billing_period_end,
    rows.charge_period_start,
    rows.charge_period_end,

    -- what was charged
    rows.charge_category,
    coalesce(kinds.charge_kind, 'unknown') as charge_kind,
    case lower(rows.charge_frequency)
        when 'usage-based' then 'Usage-Based'
        when 'recurring' then 'Recurring'
        else 'One-Time'
    end as charge_frequency,
    rows.charge_class,
    rows.charge_description,
    coalesce(rows.service_category, 'Other') as service_category,
    coalesce(rows.service_name, 'Other') as service_name,
    rows.sku_id,
    rows.sku_price_id,
    rows.resource_id,
    rows.resource_name,
    rows.resource_type,
    rows.region_id,
    rows.region_name,
    rows.availability_zone,
    rows.pricing_category,
    rows.commitment_discount_id as commitment_id,
    rows.commitment_discount_name as commitment_name,
    rows.commitment_discount_type as commitment_type,
    rows.commitment_discount_category as commitment_category,
    rows.commitment_discount_status as commitment_status,
    rows.tags,

    -- quantities and amounts
    rows.consumed_quantity,
    rows.consumed_unit,
    rows.pricing_quantity,
    rows.pricing_unit,
    rows.list_unit_price,
    rows.contracted_unit_price,
    rows.list_cost,
    coalesce(rows.contracted_cost, rows.billed_cost) as contracted_cost,
    rows.billed_cost,
    rows.effective_cost,
    rows.billing_currency
from rows
left join kinds on rows.charge_category = kinds.raw_type
