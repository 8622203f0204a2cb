with

rows as (
    select
        *,
        coalesce(service_provider_name, provider_name, invoice_issuer_name) as provider,
        case
            when charge_category = 'Purchase' and commitment_discount_id is not null then 'Commitment Purchase'
            when charge_category = 'Usage' and commitment_discount_status = 'Unused' then 'Unused Commitment'
            else charge_category
        end as raw_type
    from {{ ref('stg_focus__cost_and_usage') }}
),

kinds as (
    select * from {{ ref('charge_kinds') }}
    where source = 'focus'
),

subcategories as (
    select * from {{ ref('service_subcategories') }}
)

select
    -- identity: FOCUS has no line id; amounts are not part of what a line is, nor is what comes with the invoice
    0 as charge_part,
    cast(null as varchar) as line_key,
    {{ identity([
        'rows.provider', 'rows.billing_account_id', 'rows.sub_account_id', 'rows.billing_period_start',
        'rows.charge_period_start', 'rows.charge_period_end', 'rows.charge_category', 'rows.charge_class',
        'rows.charge_description', 'rows.sku_id', 'rows.sku_price_id', 'rows.resource_id', 'rows.region_id',
        'rows.commitment_discount_id', 'rows.allocated_resource_id', 'rows.pricing_category', 'rows.tags',
    ]) }} as charge_identity,

    -- parties: versions up to 1.2 know one provider, later ones tell who sells from who hosts
    rows.provider,
    rows.provider as service_provider_name,
    coalesce(rows.host_provider_name, rows.provider_name) as host_provider_name,
    coalesce(rows.publisher_name, rows.provider) as publisher_name,
    rows.invoice_issuer_name as invoice_issuer,

    -- what was charged
    cast(date_trunc('month', rows.billing_period_start) as date) as billing_period,
    coalesce(kinds.charge_kind, 'unknown') as charge_kind,
    case lower(rows.charge_frequency)
        when 'usage-based' then 'Usage-Based'
        when 'recurring' then 'Recurring'
        else 'One-Time'
    end as charge_frequency,
    coalesce(others.service_category, 'Other') as service_category,
    subcategories.service_subcategory,
    coalesce(rows.service_name, 'Other') as service_name,
    rows.commitment_discount_id as commitment_id,
    rows.commitment_discount_name as commitment_name,
    rows.commitment_discount_type as commitment_type,
    rows.commitment_discount_category as commitment_category,
    rows.commitment_discount_status as commitment_status,
    rows.commitment_discount_quantity as commitment_quantity,
    rows.commitment_discount_unit as commitment_unit,
    -- FOCUS 1.3 was published with ID, its erratum and 1.4 say Id
    replace(replace(rows.contract_applied, '"ContractID"', '"ContractId"'),
        '"ContractCommitmentID"', '"ContractCommitmentId"') as contract_applied,
    coalesce(rows.contracted_cost, rows.billed_cost) as contracted_cost,

    -- the rest is as FOCUS states it
    rows.* exclude (
        provider, service_provider_name, provider_name, host_provider_name, publisher_name, invoice_issuer_name,
        raw_type, charge_frequency, service_category, service_subcategory, service_name, commitment_discount_id,
        commitment_discount_name, commitment_discount_type, commitment_discount_category,
        commitment_discount_status, commitment_discount_quantity, commitment_discount_unit, contract_applied,
        contracted_cost
    )
from rows
left join kinds on rows.raw_type = kinds.raw_type
left join subcategories
    on
        rows.service_category = subcategories.service_category
        and rows.service_subcategory = subcategories.service_subcategory
-- every category of the specification has its Other
left join subcategories as others on 'Other (' || rows.service_category || ')' = others.service_subcategory
