select
    -- identity: Google writes no line id; the export time tells a correction from a repetition
    parts.file_id,
    parts.file_row,
    parts.charge_part,
    cast(null as varchar) as line_key,
    {{ identity([
        'parts.billing_account_id', 'parts.project_id', 'parts.service_id', 'parts.sku_id', 'parts.resource_name',
        'parts.usage_start', 'parts.usage_end', 'parts.exported_at', 'parts.region_id', 'parts.zone',
        "coalesce(parts.labels, '[]')", "coalesce(parts.tags, '[]')", 'parts.cost_type', 'parts.billing_period',
        'parts.usage_amount', 'parts.cost', 'parts.charge_part',
    ]) }} as charge_identity,

    -- parties
    'Google Cloud' as provider,
    'Google Cloud' as service_provider_name,
    'Google Cloud' as host_provider_name,
    coalesce(case when starts_with(parts.transaction_type, 'THIRD_PARTY') then parts.seller_name end, 'Google Cloud')
        as publisher_name,
    'Google Cloud' as invoice_issuer,
    parts.billing_account_id,
    parts.project_id as sub_account_id,
    parts.project_name as sub_account_name,
    'Project' as sub_account_type,

    -- times; Google invoices by the month of its Pacific time
    parts.billing_period,
    {{ utc_of_local('parts.billing_period', 'America/Los_Angeles') }} as billing_period_start,
    {{ utc_of_local('parts.billing_period + interval 1 month', 'America/Los_Angeles') }} as billing_period_end,
    parts.usage_start as charge_period_start,
    parts.usage_end as charge_period_end,

    -- what was charged
    coalesce(kinds.charge_category, case when parts.is_credit then 'Credit' else 'Adjustment' end) as charge_category,
    coalesce(kinds.charge_kind, case when parts.is_credit then 'credit' else 'unknown' end) as charge_kind,
    coalesce(kinds.charge_frequency, 'One-Time') as charge_frequency,
    case
        when parts.adjustment_mode != 'MANUAL_ADJUSTMENT' or parts.adjustment_type like '%CORRECTION' then 'Correction'
    end as charge_class,
    coalesce(parts.credit_name, parts.adjustment_name, parts.sku_name) as charge_description,
    coalesce(categories.service_category, 'Other') as service_category,
    categories.service_subcategory,
    coalesce(parts.service_name, parts.service_id, 'Other') as service_name,
    parts.sku_id,
    parts.sku_name as sku_meter,
    coalesce(parts.resource_global_name, parts.resource_name) as resource_id,
    parts.resource_name,
    parts.region_id,
    regions.region_name,
    parts.zone as availability_zone,
    case
        when parts.commitment_type is not null then 'Committed'
        when kinds.charge_kind = 'usage' then 'Standard'
    end as pricing_category,
    case when parts.commitment_type is not null then coalesce(parts.subscription_id, parts.credit_id) end
        as commitment_id,
    case when parts.commitment_type is not null then coalesce(parts.credit_name, parts.sku_name) end as commitment_name,
    parts.commitment_type,
    case
        when
            parts.line_type = 'COMMITTED_USAGE_DISCOUNT'
            or (parts.line_type = 'CommitmentFee' and starts_with(parts.sku_name, 'Commitment v'))
            then 'Usage'
        when parts.commitment_type is not null then 'Spend'
    end as commitment_category,
    case when parts.commitment_type is not null and parts.is_credit then 'Used' end as commitment_status,
    cast(json_merge_patch({{ json_of_pairs('parts.tags') }}, {{ json_of_pairs('parts.labels') }}) as varchar) as tags,

    -- quantities and amounts
    case when not parts.is_credit then parts.usage_amount end as consumed_quantity,
    case when not parts.is_credit then parts.usage_unit end as consumed_unit,
    parts.pricing_quantity,
    case when parts.pricing_quantity is not null then parts.pricing_unit end as pricing_unit,
    parts.list_unit_price,
    parts.contracted_unit_price,
    parts.list_cost,
    parts.billed_cost as contracted_cost,
    parts.billed_cost,
    parts.billed_cost as effective_cost,
    parts.currency as billing_currency
from {{ ref('gcp_credited_charges') }} as parts
left join {{ ref('charge_kinds') }} as kinds on kinds.source = 'gcp_billing' and parts.line_type = kinds.raw_type
left join {{ ref('service_categories') }} as categories
    on categories.provider = 'Google Cloud' and parts.service_name = categories.service_code
left join {{ ref('regions') }} as regions on regions.provider = 'Google Cloud' and parts.region_id = regions.raw
