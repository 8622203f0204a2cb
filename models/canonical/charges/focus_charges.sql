with

subcategories as (
    select * from {{ ref('service_subcategories') }}
),

rows as (
    select
        *,
        coalesce(service_provider_name, provider_name, invoice_issuer_name) as provider,
        case
            when charge_category = 'Purchase' and commitment_discount_id is not null then 'Commitment Purchase'
            when charge_category = 'Usage' and commitment_discount_status = 'Unused' then 'Unused Commitment'
            -- billed with the commitment, not again when it is used
            when charge_category = 'Usage' and commitment_discount_status = 'Used' and billed_cost = 0
                then 'Used Commitment'
            else charge_category
        end as raw_type
    from {{ ref('stg_focus__cost_and_usage') }}
),

mapped as (
    select
        rows.*,
        coalesce(kinds.charge_kind, 'unknown') as charge_kind,
        subcategories.service_subcategory as allowed_subcategory,
        coalesce(catch_alls.service_category, 'Other') as allowed_category
    from rows
    left join {{ ref('charge_kinds') }} as kinds on kinds.source = 'focus' and rows.raw_type = kinds.raw_type
    left join subcategories
        on
            rows.service_category = subcategories.service_category
            and rows.service_subcategory = subcategories.service_subcategory
    -- every category of the specification has its Other
    left join subcategories as catch_alls on 'Other (' || rows.service_category || ')' = catch_alls.service_subcategory
)

select
    -- identity: FOCUS has no line id; amounts are not part of what a line is, nor is what comes with the invoice
    0 as charge_part,
    cast(null as varchar) as line_key,
    {{ identity([
        'provider', 'billing_account_id', 'sub_account_id', 'billing_period_start', 'charge_period_start',
        'charge_period_end', 'charge_category', 'charge_class', 'charge_description', 'sku_id', 'sku_price_id',
        'resource_id', 'region_id', 'commitment_discount_id', 'allocated_resource_id', 'pricing_category', 'tags',
    ]) }} as charge_identity,

    -- parties: versions up to 1.2 know one provider, later ones tell who sells from who hosts
    provider as service_provider_name,
    coalesce(host_provider_name, provider_name) as host_provider_name,
    coalesce(publisher_name, provider) as publisher_name,
    invoice_issuer_name as invoice_issuer,

    -- what was charged
    cast(date_trunc('month', billing_period_start) as date) as billing_period,
    case lower(charge_frequency)
        when 'usage-based' then 'Usage-Based'
        when 'recurring' then 'Recurring'
        else 'One-Time'
    end as charge_frequency,
    allowed_category as service_category,
    allowed_subcategory as service_subcategory,
    coalesce(service_name, 'Other') as service_name,
    commitment_discount_id as commitment_id,
    commitment_discount_name as commitment_name,
    commitment_discount_type as commitment_type,
    commitment_discount_category as commitment_category,
    commitment_discount_status as commitment_status,
    commitment_discount_quantity as commitment_quantity,
    commitment_discount_unit as commitment_unit,
    -- FOCUS 1.3 was published with ID, its erratum and 1.4 say Id
    replace(
        replace(contract_applied, '"ContractID"', '"ContractId"'),
        '"ContractCommitmentID"', '"ContractCommitmentId"'
    ) as contract_applied,
    coalesce(contracted_cost, billed_cost) as contracted_cost,

    -- the rest is as FOCUS states it
    * exclude (
        service_provider_name, provider_name, host_provider_name, publisher_name, invoice_issuer_name, raw_type,
        charge_frequency, service_category, service_subcategory, allowed_category, allowed_subcategory,
        service_name, commitment_discount_id, commitment_discount_name, commitment_discount_type,
        commitment_discount_category, commitment_discount_status, commitment_discount_quantity,
        commitment_discount_unit, contract_applied, contracted_cost
    )
from mapped
