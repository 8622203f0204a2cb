with

lines as (
    select
        *,
        cast(date_trunc('month', usage_start) as date) as billing_period,
        case when is_correction then 'correction' else 'usage' end as line_type
    from {{ ref('stg_oci_cost__lines') }}
),

kinds as (
    select * from {{ ref('charge_kinds') }}
    where source = 'oci_cost'
),

categories as (
    select * from {{ ref('service_categories') }}
    where provider = 'Oracle'
),

regions as (
    select * from {{ ref('regions') }}
    where provider = 'Oracle'
)

select
    -- identity: a reference that comes again is the same line only if it says the same
    lines.file_id,
    lines.file_row,
    0 as charge_part,
    lines.reference_no || ' ' || md5(concat_ws(
        '|', lines.cost, lines.billed_quantity, lines.unit_price, lines.currency, lines.sku_id, lines.resource_id,
        lines.usage_start, lines.usage_end, lines.is_correction
    )) as line_key,
    {{ identity([
        'lines.tenancy_id', 'lines.reference_no',
    ]) }} as charge_identity,

    -- parties
    'Oracle' as provider,
    'Oracle' as service_provider_name,
    'Oracle' as host_provider_name,
    'Oracle' as publisher_name,
    'Oracle' as invoice_issuer,
    lines.tenancy_id as billing_account_id,
    lines.compartment_id as sub_account_id,
    lines.compartment_name as sub_account_name,
    'Compartment' as sub_account_type,

    -- times
    lines.billing_period,
    cast(lines.billing_period as timestamp) as billing_period_start,
    cast(lines.billing_period as timestamp) + interval 1 month as billing_period_end,
    lines.usage_start as charge_period_start,
    lines.usage_end as charge_period_end,

    -- what was charged
    kinds.charge_category,
    kinds.charge_kind,
    kinds.charge_frequency,
    case when lines.is_correction then 'Correction' end as charge_class,
    lines.description as charge_description,
    coalesce(categories.service_category, 'Other') as service_category,
    categories.service_subcategory,
    coalesce(lines.service, 'Other') as service_name,
    lines.sku_id,
    lines.description as sku_meter,
    lines.resource_id,
    lines.region_id,
    coalesce(regions.region_name, lines.region_id) as region_name,
    lines.availability_domain as availability_zone,
    'Standard' as pricing_category,
    lines.tags,

    -- quantities and amounts; the unit price is what the contract gives, the report has no list price
    lines.billed_quantity as consumed_quantity,
    lines.unit as consumed_unit,
    lines.billed_quantity as pricing_quantity,
    lines.unit as pricing_unit,
    lines.unit_price as contracted_unit_price,
    lines.cost as list_cost,
    lines.cost as contracted_cost,
    lines.cost as billed_cost,
    lines.cost as effective_cost,
    lines.currency as billing_currency
from lines
left join kinds on lines.line_type = kinds.raw_type
left join categories on lines.service = categories.service_code
left join regions on lines.region_id = regions.raw
