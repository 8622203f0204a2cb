-- FOCUS datasets of one payer and month, columns of versions 1.2 and 1.4 together. Needs charge_rows; values payer_no,
-- period and arrives_at.

create or replace temp table focus_charges as
with

services (family, service_category, service_subcategory) as (
    values
    ('compute', 'Compute', 'Virtual Machines'),
    ('compute_scaled', 'Compute', 'Virtual Machines'),
    ('compute_spot', 'Compute', 'Virtual Machines'),
    ('kubernetes_node', 'Compute', 'Containers'),
    ('block_storage', 'Storage', 'Block Storage'),
    ('object_storage', 'Storage', 'Object Storage'),
    ('cold_storage', 'Storage', 'Backup Storage'),
    ('egress', 'Networking', 'Network Infrastructure'),
    ('requests', 'Integration', 'API Management'),
    ('function_seconds', 'Compute', 'Serverless Compute'),
    ('database', 'Databases', 'Relational Databases'),
    ('observability', 'Management and Governance', 'Observability'),
    ('build_minutes', 'Developer Tools', 'Continuous Integration and Deployment'),
    ('load_balancer', 'Networking', 'Application Networking')
),

kinds (kind, charge_category, charge_frequency, commitment_status) as (
    values
    ('usage', 'Usage', 'Usage-Based', null),
    ('covered', 'Usage', 'Usage-Based', 'Used'),
    ('unused', 'Usage', 'Usage-Based', 'Unused'),
    ('commitment_fee', 'Purchase', 'Recurring', null),
    ('upfront_fee', 'Purchase', 'One-Time', null),
    ('credit', 'Credit', 'One-Time', null),
    ('tax', 'Tax', 'One-Time', null)
),

-- What a commitment costs is its own price; usage under it keeps the price that it would have had.
priced as (
    select
        charge_rows.* exclude (list_price, price),
        kinds.* exclude (kind),
        case when charge_category = 'Purchase' then fee_price else list_price end as list_price,
        case when charge_category = 'Purchase' then fee_price else price end as price
    from charge_rows
    inner join kinds on charge_rows.kind = kinds.kind
)

select
    priced.line_no as row_no,
    priced.billed_cost as BilledCost,
    priced.payer_id as BillingAccountId,
    priced.payer_name as BillingAccountName,
    priced.currency as BillingCurrency,
    cast(priced.billing_period as timestamp) + interval 1 month as BillingPeriodEnd,
    cast(priced.billing_period as timestamp) as BillingPeriodStart,
    priced.charge_category as ChargeCategory,
    cast(null as varchar) as ChargeClass,
    case priced.kind
        when 'tax' then 'Tax of ' || payers.tax_percent || ' %'
        when 'credit' then 'Credit'
        when 'unused' then 'Unused part of commitment ' || priced.commitment_id
        when 'commitment_fee' then 'Fee of commitment ' || priced.commitment_id
        when 'upfront_fee' then 'Upfront fee of commitment ' || priced.commitment_id
        else priced.meter || ' in ' || priced.region
    end as ChargeDescription,
    priced.charge_frequency as ChargeFrequency,
    priced.usage_end as ChargePeriodEnd,
    priced.usage_start as ChargePeriodStart,
    case when priced.commitment_id is not null then 'Usage' end as CommitmentDiscountCategory,
    priced.commitment_id as CommitmentDiscountId,
    case when priced.commitment_id is not null then priced.meter || ' for 1 year' end as CommitmentDiscountName,
    case when priced.commitment_id is not null then priced.quantity end as CommitmentDiscountQuantity,
    priced.commitment_status as CommitmentDiscountStatus,
    commitments.kind as CommitmentDiscountType,
    case when priced.commitment_id is not null then priced.unit end as CommitmentDiscountUnit,
    case when priced.kind in ('usage', 'covered') then priced.quantity end as ConsumedQuantity,
    case when priced.kind in ('usage', 'covered') then priced.unit end as ConsumedUnit,
    case
        when priced.kind = 'covered'
            then
                '{"Elements":[{"ContractId":"' || payers.contract_id
                || '","ContractCommitmentId":"' || priced.commitment_id
                || '","ContractCommitmentAppliedQuantity":' || priced.quantity
                || ',"ContractCommitmentAppliedUnit":"' || priced.unit || '"}]}'
    end as ContractApplied,
    cast(
        case when priced.charge_category in ('Credit', 'Tax') then priced.billed_cost
            else coalesce(priced.quantity * priced.price, 0)
        end
        as decimal(38, 10)
    ) as ContractedCost,
    priced.price as ContractedUnitPrice,
    priced.effective_cost as EffectiveCost,
    payers.provider as HostProviderName,
    priced.invoice_id || '-' || dense_rank() over (order by priced.charge_category, priced.service nulls last)
        as InvoiceDetailId,
    priced.invoice_id as InvoiceId,
    priced.issuer as InvoiceIssuerName,
    cast(
        case when priced.charge_category in ('Credit', 'Tax') then priced.billed_cost
            else coalesce(priced.quantity * priced.list_price, 0)
        end
        as decimal(38, 10)
    ) as ListCost,
    priced.list_price as ListUnitPrice,
    case
        when priced.charge_category in ('Credit', 'Tax') then null
        when priced.commitment_id is not null then 'Committed'
        when priced.family = 'compute_spot' then 'Dynamic'
        else 'Standard'
    end as PricingCategory,
    priced.quantity as PricingQuantity,
    priced.unit as PricingUnit,
    payers.provider as ProviderName,
    payers.provider as PublisherName,
    priced.region as RegionId,
    priced.region as RegionName,
    priced.resource_id as ResourceId,
    priced.resource_name as ResourceName,
    case when priced.resource_id is not null then priced.family end as ResourceType,
    coalesce(services.service_category, 'Other') as ServiceCategory,
    coalesce(priced.service, 'Invoice') as ServiceName,
    payers.provider as ServiceProviderName,
    coalesce(services.service_subcategory, 'Other (Other)') as ServiceSubcategory,
    priced.sku_id as SkuId,
    priced.meter as SkuMeter,
    case when priced.tier is not null then map {'x_Tier': priced.tier} end as SkuPriceDetails,
    priced.sku_id || '.'
    || case when priced.charge_category = 'Purchase' then priced.kind else cast(priced.tier as varchar) end
        as SkuPriceId,
    priced.account_id as SubAccountId,
    priced.account_name as SubAccountName,
    case
        when priced.team is not null
            then
                map_from_entries(list_filter(
                    [
                        ('team', priced.team), ('product', priced.product), ('environment', priced.environment),
                        ('tenant', priced.tenant)
                    ],
                    lambda tag: tag[2] is not null
                ))
    end as Tags
from priced
inner join payers on priced.payer_no = payers.payer_no
left join commitments on priced.commitment_no = commitments.commitment_no
left join services on priced.family = services.family;

-- An invoice is in whole cents: one line for each service and kind of charge.
create or replace temp table focus_invoice_details as
select
    min(row_no) as row_no,
    cast(round(sum(BilledCost), 2) as decimal(38, 2)) as BilledCost,
    BillingAccountId,
    BillingCurrency,
    BillingPeriodEnd,
    BillingPeriodStart,
    ChargeCategory,
    cast($arrives_at as timestamp) as InvoiceDetailCreated,
    ChargeCategory || ' of ' || ServiceName as InvoiceDetailDescription,
    map {'ServiceName': ServiceName} as InvoiceDetailGrain,
    InvoiceDetailId,
    cast($arrives_at as timestamp) as InvoiceDetailLastUpdated,
    InvoiceId,
    cast($arrives_at as timestamp) as InvoiceIssueDate,
    'Issued' as InvoiceIssueStatus,
    InvoiceIssuerName,
    cast($arrives_at as timestamp) + interval 30 day as PaymentDueDate,
    'Net 30' as PaymentTerms,
    InvoiceId as ReferenceInvoiceId
from focus_charges
group by
    BillingAccountId, BillingCurrency, BillingPeriodEnd, BillingPeriodStart, ChargeCategory, ServiceName,
    InvoiceDetailId, InvoiceId, InvoiceIssuerName;

-- Periods so far: each is closed when its last export arrives.
create or replace temp table focus_periods as
select
    row_number() over (order by periods.period) as row_no,
    periods.period as BillingPeriodCreated,
    periods.period + interval 1 month as BillingPeriodEnd,
    periods.period + interval 1 month + ($arrives_at - (cast($period as timestamp) + interval 1 month))
        as BillingPeriodLastUpdated,
    periods.period as BillingPeriodStart,
    'Closed' as BillingPeriodStatus,
    payers.issuer as InvoiceIssuerName
from (select distinct cast(billing_period as timestamp) as period from days where billing_period <= $period) as periods
inner join payers on payers.payer_no = $payer_no;

create or replace temp table focus_commitments as
with

sized as (
    select
        *,
        cast(date_diff('hour', starts_at, ends_at) * (units + unused_units) as decimal(18, 3)) as quantity,
        unit_upfront * 100 // (unit_fee + unit_upfront) * 0.01::decimal(3, 2) as upfront_share
    from commitments
    where payer_no = $payer_no
)

select
    sized.commitment_no as row_no,
    payers.currency as BillingCurrency,
    '{"InclusionOperator":"And","Inclusions":[{"Dimension":"SkuId","Operator":"In","Values":["'
    || skus.sku_id || '"]}]}'
        as ContractCommitmentApplicability,
    'Discount' as ContractCommitmentBenefitCategory,
    'Usage' as ContractCommitmentCategory,
    cast(sized.quantity * (sized.unit_fee + sized.unit_upfront) * 0.0000001::decimal(8, 7) as decimal(38, 10))
        as ContractCommitmentCost,
    sized.starts_at as ContractCommitmentCreated,
    skus.meter || ' for 1 year' as ContractCommitmentDescription,
    cast(null as decimal(18, 2)) as ContractCommitmentDiscountPercentage,
    '1 Year' as ContractCommitmentDurationType,
    'Hourly' as ContractCommitmentFulfillmentInterval,
    sized.commitment_id as ContractCommitmentId,
    sized.starts_at as ContractCommitmentLastUpdated,
    'Active' as ContractCommitmentLifecycleStatus,
    'Continuous' as ContractCommitmentModel,
    'Negotiated' as ContractCommitmentOfferCategory,
    'Monthly' as ContractCommitmentPaymentInterval,
    case when sized.unit_upfront = 0 then 'No Upfront' else 'Partial Upfront' end as ContractCommitmentPaymentModel,
    sized.upfront_share as ContractCommitmentPaymentUpfrontPercentage,
    sized.ends_at as ContractCommitmentPeriodEnd,
    sized.starts_at as ContractCommitmentPeriodStart,
    sized.quantity as ContractCommitmentQuantity,
    sized.kind as ContractCommitmentType,
    skus.unit as ContractCommitmentUnit,
    payers.contract_id as ContractId,
    sized.ends_at as ContractPeriodEnd,
    sized.starts_at as ContractPeriodStart,
    payers.issuer as InvoiceIssuerName,
    payers.provider as ServiceProviderName
from sized
inner join payers on sized.payer_no = payers.payer_no
inner join skus on sized.sku_no = skus.sku_no;
