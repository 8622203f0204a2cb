-- aws_lines in the columns and types of CUR 2.0: amounts are doubles, rates are text, and what has no fixed column is
-- in maps. Keys of tags are in lower case, as for Athena.
select
    item_id as identity_line_item_id,
    starts || '/' || ends as identity_time_interval,
    invoice_id as bill_invoice_id,
    issuer as bill_invoicing_entity,
    'AWS' as bill_billing_entity,
    bill_type as bill_bill_type,
    payer_id as bill_payer_account_id,
    payer_name as bill_payer_account_name,
    cast(period_start as timestamp_ms) as bill_billing_period_start_date,
    cast(period_end as timestamp_ms) as bill_billing_period_end_date,
    account_id as line_item_usage_account_id,
    account_name as line_item_usage_account_name,
    item_type as line_item_line_item_type,
    cast(usage_start as timestamp_ms) as line_item_usage_start_date,
    cast(usage_end as timestamp_ms) as line_item_usage_end_date,
    product_code as line_item_product_code,
    meter as line_item_usage_type,
    operation as line_item_operation,
    availability_zone as line_item_availability_zone,
    resource_id as line_item_resource_id,
    cast(quantity as double) as line_item_usage_amount,
    case when unit = 'Hrs' then 1.0::double end as line_item_normalization_factor,
    case when unit = 'Hrs' then cast(quantity as double) end as line_item_normalized_usage_amount,
    currency as line_item_currency_code,
    cast(case when discount > 0 then list_price else price end as varchar) as line_item_unblended_rate,
    cast(net_cost + coalesce(discount, 0) as double) as line_item_unblended_cost,
    cast(price as varchar) as line_item_net_unblended_rate,
    cast(net_cost as double) as line_item_net_unblended_cost,
    description as line_item_line_item_description,
    tax_type as line_item_tax_type,
    issuer as line_item_legal_entity,
    map_from_entries(list_filter(
        [
            {'key': 'product_name', 'value': service},
            {'key': 'location', 'value': location},
            {'key': 'region', 'value': region}
        ],
        lambda entry: entry.value is not null
    )) as product,
    product_family as product_product_family,
    region as product_region_code,
    location as product_location,
    product_code as product_servicecode,
    sku_id as product_sku,
    meter as product_usagetype,
    rate_code as pricing_rate_code,
    cast(rate_id as varchar) as pricing_rate_id,
    currency as pricing_currency,
    cast(list_cost as double) as pricing_public_on_demand_cost,
    cast(list_price as varchar) as pricing_public_on_demand_rate,
    term as pricing_term,
    unit as pricing_unit,
    cast(covered_upfront as double) as reservation_amortized_upfront_cost_for_usage,
    cast(month_upfront as double) as reservation_amortized_upfront_fee_for_billing_period,
    case when reservation_arn is not null then cast(covered_cost as double) end as reservation_effective_cost,
    case when item_type = 'RIFee' then cast(units as varchar) end as reservation_number_of_reservations,
    cast(covered_cost - covered_upfront as double) as reservation_recurring_fee_for_usage,
    reservation_arn as reservation_reservation_a_r_n,
    case when item_type = 'RIFee' then cast(quantity as varchar) end as reservation_total_reserved_units,
    cast(unused_upfront as double) as reservation_unused_amortized_upfront_fee_for_billing_period,
    cast(unused_quantity as double) as reservation_unused_quantity,
    cast(unused_cost - unused_upfront as double) as reservation_unused_recurring_fee,
    case when plan_arn is not null then 'ComputeSavingsPlans' end as savings_plan_offering_type,
    plan_arn as savings_plan_savings_plan_a_r_n,
    case when plan_arn is not null then cast(covered_cost as double) end as savings_plan_savings_plan_effective_cost,
    cast(commitment as double) as savings_plan_total_commitment_to_date,
    cast(used_commitment as double) as savings_plan_used_commitment,
    cast(commitment as double) as savings_plan_recurring_commitment_for_billing_period,
    case when plan_arn is not null then 0.0::double end as savings_plan_amortized_upfront_commitment_for_billing_period,
    case when discount > 0 then cast(-discount as double) end as discount_total_discount,
    case
        when discount > 0 then map {'private_rate_discount': cast(-discount as double)}
        else map([]::varchar [], []::double [])
    end as discount,
    case
        when account_environment is not null then map {'environment': account_environment}
        else map([]::varchar [], []::varchar [])
    end as cost_category,
    map_from_entries(list_filter(
        [
            {'key': 'user_name', 'value': tag_name},
            {'key': 'user_team', 'value': tag_team},
            {'key': 'user_cost_center', 'value': tag_cost_center},
            {'key': 'user_product', 'value': tag_product},
            {'key': 'user_environment', 'value': tag_environment},
            {'key': 'user_tenant', 'value': tag_tenant}
        ],
        lambda entry: entry.value is not null
    )) as resource_tags
from aws_lines
