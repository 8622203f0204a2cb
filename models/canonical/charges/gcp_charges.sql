with

usage as (
    select * from {{ ref('stg_gcp_billing__usage') }}
),

-- Each credit becomes a charge of its own, numbered within its row; part 0 is the usage.
costs as (
    select
        file_id,
        file_row,
        0 as charge_part,
        cost as billed_cost,
        cast(null as varchar) as credit_name
    from usage
    union all
    select
        file_id,
        file_row,
        cast(unnest(generate_series(1, len({{ python_list_values('credits', 'amount') }}))) as integer) as charge_part,
        cast(unnest({{ python_list_values('credits', 'amount') }}) as {{ decimal_type() }}) as billed_cost,
        unnest({{ python_list_values('credits', 'name') }}) as credit_name
    from usage
    where credits != '[]'
),

parts as (
    select
        usage.*,
        costs.charge_part,
        costs.billed_cost,
        costs.credit_name,
        costs.charge_part > 0 as is_credit
    from costs
    inner join usage on costs.file_id = usage.file_id and costs.file_row = usage.file_row
)

select
    -- identity: Google writes no line id; the export time tells a correction from a repetition
    parts.file_id,
    parts.file_row,
    parts.charge_part,
    cast(null as varchar) as line_key,
    {{ identity([
        'parts.billing_account_id', 'parts.project_id', 'parts.service_id', 'parts.sku_id',
        'parts.usage_start', 'parts.usage_end', 'parts.exported_at', 'parts.region_id', 'parts.zone',
        'parts.labels', 'parts.cost_type', 'parts.billing_period', 'parts.usage_amount', 'parts.cost',
        'parts.charge_part',
    ]) }} as charge_identity,

    -- parties
    'Google Cloud' as provider,
    'Google Cloud' as service_provider_name,
    'Google Cloud' as host_provider_name,
    'Google Cloud' as publisher_name,
    'Google Cloud' as invoice_issuer,
    parts.billing_account_id,
    parts.project_id as sub_account_id,
    parts.project_name as sub_account_name,
    'Project' as sub_account_type,

    -- times
    parts.billing_period,
    cast(parts.billing_period as timestamp) as billing_period_start,
    cast(parts.billing_period as timestamp) + interval 1 month as billing_period_end,
    parts.usage_start as charge_period_start,
    parts.usage_end as charge_period_end,

    -- what was charged
    case when parts.is_credit then 'Credit' else coalesce(kinds.charge_category, 'Adjustment') end as charge_category,
    case when parts.is_credit then 'credit' else coalesce(kinds.charge_kind, 'unknown') end as charge_kind,
    case when parts.is_credit then 'One-Time' else coalesce(kinds.charge_frequency, 'One-Time') end as charge_frequency,
    coalesce(parts.credit_name, parts.sku_name) as charge_description,
    coalesce(categories.service_category, 'Other') as service_category,
    categories.service_subcategory,
    parts.service_name,
    parts.sku_id,
    parts.sku_name as sku_meter,
    parts.region_id,
    parts.zone as availability_zone,
    '{' || array_to_string(list_transform(
        list_zip({{ python_list_values('parts.labels', 'key') }}, {{ python_list_values('parts.labels', 'value') }}),
        label -> concat(to_json(label[1]), ': ', to_json(label[2]))
    ), ', ') || '}' as tags,

    -- quantities and amounts
    case when not parts.is_credit then parts.usage_amount end as consumed_quantity,
    case when not parts.is_credit then parts.usage_unit end as consumed_unit,
    case when not parts.is_credit then parts.pricing_amount end as pricing_quantity,
    case when not parts.is_credit then parts.pricing_unit end as pricing_unit,
    parts.billed_cost as list_cost,
    parts.billed_cost as contracted_cost,
    parts.billed_cost,
    parts.billed_cost as effective_cost,
    parts.currency as billing_currency
from parts
left join {{ ref('charge_kinds') }} as kinds on kinds.source = 'gcp_billing' and parts.cost_type = kinds.raw_type
left join {{ ref('service_categories') }} as categories
    on categories.provider = 'Google Cloud' and parts.service_name = categories.service_code
