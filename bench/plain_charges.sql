-- What a charge is, written by hand for these files: usage, Savings Plans, reservations and tax in gross columns.
-- Columns that hold one value, such as the provider of a single export or what AWS never states, stay out.
-- `typed_lines` reads a table of raw texts, `charges_by_hand` one of typed lines; macro `amount` turns text into decimal.
create table charge_kinds as
from read_csv(getvariable('seeds') || '/charge_kinds.csv') where source = 'aws_cur';

create table service_categories as
from read_csv(getvariable('seeds') || '/service_categories.csv') where provider = 'AWS';

create macro typed_lines(exports) as table
select
    file_id,
    file_row,
    "identity/LineItemId" as line_item_id,
    "identity/TimeInterval" as time_interval,
    "bill/InvoiceId" as invoice_id,
    "bill/InvoicingEntity" as invoicing_entity,
    "bill/PayerAccountId" as payer_account_id,
    cast("bill/BillingPeriodStartDate" as timestamp) as billing_period_start,
    cast("bill/BillingPeriodEndDate" as timestamp) as billing_period_end,
    "lineItem/UsageAccountId" as usage_account_id,
    "lineItem/LineItemType" as line_item_type,
    cast("lineItem/UsageStartDate" as timestamp) as usage_start,
    cast("lineItem/UsageEndDate" as timestamp) as usage_end,
    "lineItem/ProductCode" as product_code,
    "lineItem/UsageType" as usage_type,
    "lineItem/AvailabilityZone" as availability_zone,
    amount("lineItem/UsageAmount") as usage_amount,
    "lineItem/CurrencyCode" as currency,
    amount("lineItem/UnblendedRate") as unblended_rate,
    amount("lineItem/UnblendedCost") as unblended_cost,
    "lineItem/LineItemDescription" as description,
    "lineItem/LegalEntity" as legal_entity,
    "product/ProductName" as product_name,
    coalesce("product/regionCode", "product/region") as region_id,
    "product/location" as region_name,
    "product/sku" as sku,
    "pricing/RateCode" as rate_code,
    amount("pricing/publicOnDemandCost") as public_on_demand_cost,
    amount("pricing/publicOnDemandRate") as public_on_demand_rate,
    "pricing/term" as pricing_term,
    "pricing/unit" as pricing_unit,
    amount("reservation/EffectiveCost") as reservation_cost,
    amount("reservation/UnusedAmortizedUpfrontFeeForBillingPeriod") as unused_upfront_fee,
    amount("reservation/UnusedRecurringFee") as unused_recurring_fee,
    "savingsPlan/SavingsPlanARN" as savings_plan_arn,
    amount("savingsPlan/SavingsPlanEffectiveCost") as savings_plan_cost,
    amount("savingsPlan/TotalCommitmentToDate") as total_commitment,
    amount("savingsPlan/UsedCommitment") as used_commitment
from query_table(exports);

create macro charges_by_hand(lines) as table
with

fees as (
    select
        *,
        case line_item_type
            when 'RIFee' then coalesce(unused_upfront_fee, 0) + coalesce(unused_recurring_fee, 0)
            when 'SavingsPlanRecurringFee' then total_commitment - used_commitment
        end as unused_cost
    from query_table(lines)
),

-- what nothing used is a charge of its own, beside the fee that billed it
parts as (
    select
        * exclude (unused_cost),
        line_item_type as charge_type,
        0 as charge_part,
        unblended_cost as billed_cost,
        coalesce(case
            when line_item_type = 'SavingsPlanCoveredUsage' then savings_plan_cost
            when line_item_type = 'DiscountedUsage' then reservation_cost
            when line_item_type in ('SavingsPlanNegation', 'SavingsPlanUpfrontFee') then 0
            when unused_cost is not null then 0
        end, unblended_cost) as effective_cost
    from fees
    union all
    select
        * exclude (unused_cost),
        'CommitmentUnused' as charge_type,
        1 as charge_part,
        0 as billed_cost,
        unused_cost as effective_cost
    from fees
    where unused_cost != 0
)

select
    cast(md5(concat_ws('|', parts.line_item_id, parts.time_interval, parts.charge_part)) as uuid) as charge_id,
    'aws_cur' as source,
    parts.payer_account_id as feed,
    'AWS' as provider,
    coalesce(parts.legal_entity, 'Amazon Web Services, Inc.') as publisher_name,
    coalesce(parts.invoicing_entity, parts.legal_entity, 'Amazon Web Services, Inc.') as invoice_issuer,
    parts.invoice_id,
    'trueup-' || md5(
        coalesce(parts.invoicing_entity, parts.legal_entity, 'Amazon Web Services, Inc.') || '|' || parts.invoice_id
        || '|' || parts.payer_account_id || '|' || parts.currency || '|' || parts.billing_period_start
        || '|' || parts.billing_period_end || '|' || coalesce(kinds.charge_category, 'Adjustment')
    ) as invoice_detail_id,
    parts.payer_account_id as billing_account_id,
    parts.usage_account_id as sub_account_id,
    cast(parts.billing_period_start as date) as billing_period,
    parts.billing_period_start,
    parts.billing_period_end,
    parts.usage_start as charge_period_start,
    parts.usage_end as charge_period_end,
    coalesce(kinds.charge_category, 'Adjustment') as charge_category,
    case when kinds.charge_kind = 'refund' then 'Correction' end as charge_class,
    coalesce(kinds.charge_kind, 'unknown') as charge_kind,
    coalesce(kinds.charge_frequency, 'One-Time') as charge_frequency,
    parts.description as charge_description,
    coalesce(categories.service_category, 'Other') as service_category,
    categories.service_subcategory,
    coalesce(parts.product_name, parts.product_code) as service_name,
    parts.sku as sku_id,
    parts.usage_type as sku_meter,
    parts.rate_code as sku_price_id,
    parts.region_id,
    parts.region_name,
    parts.availability_zone,
    case
        when
            parts.charge_type in ('SavingsPlanCoveredUsage', 'DiscountedUsage', 'CommitmentUnused')
            then 'Committed'
        when parts.pricing_term = 'Spot' then 'Dynamic'
        when kinds.charge_category in ('Usage', 'Purchase') then 'Standard'
    end as pricing_category,
    parts.savings_plan_arn as commitment_id,
    case when kinds.charge_kind in ('usage', 'commitment_usage') then parts.usage_amount end as consumed_quantity,
    case when kinds.charge_kind in ('usage', 'commitment_usage') then parts.pricing_unit end as consumed_unit,
    case when parts.charge_part = 0 then parts.usage_amount end as pricing_quantity,
    parts.pricing_unit,
    parts.public_on_demand_rate as list_unit_price,
    parts.unblended_rate as contracted_unit_price,
    coalesce(case
        when kinds.charge_kind in ('usage', 'commitment_usage') then parts.public_on_demand_cost
        when kinds.charge_kind in ('commitment_negation', 'commitment_unused', 'discount') then 0
    end, parts.billed_cost) as list_cost,
    coalesce(case
        when kinds.charge_kind = 'commitment_usage' then parts.public_on_demand_cost
        when kinds.charge_kind in ('commitment_negation', 'commitment_unused') then 0
    end, parts.billed_cost) as contracted_cost,
    parts.billed_cost,
    parts.effective_cost,
    parts.currency as billing_currency,
    parts.invoice_id is null as is_provisional,
    parts.charge_part,
    md5(parts.file_id) as delivery_id,
    parts.file_id,
    parts.file_row,
    concat_ws('|', 'aws_cur', parts.payer_account_id, cast(parts.billing_period_start as date)) as partition_id,
    md5(parts.file_id) as partition_version
from parts
left join charge_kinds as kinds on parts.charge_type = kinds.raw_type
left join service_categories as categories on parts.product_code = categories.service_code;
