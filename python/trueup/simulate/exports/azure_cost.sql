-- Rows of an Enterprise Agreement's export: `statement` is actual (billed) or amortized (effective).
with

units (unit, unit_of_measure) as (
    values
    ('Hrs', '1 Hour'),
    ('Minutes', '1 Minute'),
    ('GB', '1 GB'),
    ('GB-Hours', '1 GB Hour'),
    ('GB-Seconds', '1 GB Second'),
    ('Requests', '1')
),

kinds (kind, charge_type, frequency, pricing_model, in_actual, in_amortized) as (
    values
    ('usage', 'Usage', 'UsageBased', 'OnDemand', true, true),
    ('covered', 'Usage', 'UsageBased', 'Reservation', true, true),
    ('unused', 'UnusedReservation', 'UsageBased', 'Reservation', false, true),
    ('commitment_fee', 'Purchase', 'Recurring', 'Reservation', true, false),
    ('upfront_fee', 'Purchase', 'OneTime', 'Reservation', true, false),
    ('credit', 'Credit', 'OneTime', null, true, true),
    ('tax', 'Tax', 'OneTime', null, true, true)
),

-- Reservations are bought as a number of machines, each at the fee of the hours until its next instalment.
stated as (
    select
        charge_rows.*,
        kinds.* exclude (kind),
        units.unit_of_measure,
        getvariable('statement') = 'amortized' as is_amortized,
        kinds.charge_type = 'Purchase' as is_purchase,
        case when is_purchase then fee_price * date_diff('hour', usage_start, usage_end) else price end as unit_price,
        '/providers/Microsoft.Capacity/reservationOrders/' || cast(md5(commitment_id) as uuid) as reservation_order,
        array_to_string(list_filter([
            '"team": "' || team || '"',
            '"product": "' || product || '"',
            '"environment": "' || environment || '"',
            '"tenant": "' || tenant || '"'
        ], tag -> tag is not null), ',') as tags
    from charge_rows
    inner join kinds on charge_rows.kind = kinds.kind
    left join units on charge_rows.unit = units.unit
    where case when is_amortized then in_amortized else in_actual end
)

select
    payer_id as "BillingAccountId",
    payer_name as "BillingAccountName",
    strftime(billing_period, '%m/%d/%Y') as "BillingPeriodStartDate",
    strftime(last_day(billing_period), '%m/%d/%Y') as "BillingPeriodEndDate",
    payer_id as "BillingProfileId",
    payer_name as "BillingProfileName",
    approver as "AccountOwnerId",
    account_team as "AccountName",
    account_id as "SubscriptionId",
    account_name as "SubscriptionName",
    strftime(usage_start, '%m/%d/%Y') as "Date",
    service || ' - ' || meter || ' - ' || region as "Product",
    upper(sku_id[:3]) || '-' || upper(sku_id[4:8]) as "PartNumber",
    sku_id as "MeterId",
    case
        when family like '%storage' then 'Storage'
        when family in ('egress', 'load_balancer', 'requests') then 'Networking'
        when family = 'database' then 'Databases'
        when family = 'observability' then 'Management and Governance'
        when family = 'build_minutes' then 'Developer Tools'
        when family is not null then 'Compute'
    end as "ServiceFamily",
    service as "MeterCategory",
    service as "MeterSubCategory",
    region as "MeterRegion",
    meter as "MeterName",
    case when is_purchase then committed_units else quantity end as "Quantity",
    case
        when charge_type = 'Usage' and commitment_id is not null and not is_amortized then 0
        when commitment_id is not null and not is_purchase then covered_price
        else unit_price
    end as "EffectivePrice",
    case when is_amortized then effective_cost else billed_cost end as "Cost",
    unit_price as "UnitPrice",
    currency as "BillingCurrency",
    region as "ResourceLocation",
    null as "AvailabilityZone",
    case when is_purchase then 'Microsoft.Capacity' else 'Microsoft.Compute' end as "ConsumedService",
    coalesce('/subscriptions/' || account_id || resource_id, reservation_order || '/reservations/' || commitment_id)
        as "ResourceId",
    regexp_extract(resource_id, '[^/]+$') as "ResourceName",
    null as "ServiceInfo1",
    null as "ServiceInfo2",
    null as "AdditionalInfo",
    case
        when tags = '' then null
        when is_amortized then '{' || tags || '}'
        else tags
    end as "Tags",
    null as "InvoiceSectionId",
    account_team as "InvoiceSection",
    cost_center as "CostCenter",
    unit_of_measure as "UnitOfMeasure",
    regexp_extract(resource_id, '/resourceGroups/([^/]+)', 1) as "ResourceGroup",
    commitment_id as "ReservationId",
    'VM_RI_' || left(commitment_id, 8) as "ReservationName",
    regexp_extract(reservation_order, '[^/]+$') as "ProductOrderId",
    'Reserved VM Instance, ' || meter || ', ' || region || ', 1 Year' as "ProductOrderName",
    'MS-AZR-0017P' as "OfferId",
    'True' as "IsAzureCreditEligible",
    case when commitment_id is not null then 12 end as "Term",
    'Microsoft' as "PublisherName",
    null as "PlanName",
    charge_type as "ChargeType",
    frequency as "Frequency",
    'Azure' as "PublisherType",
    list_price as "PayGPrice",
    case when kind = 'usage' and family = 'compute_spot' then 'Spot' else pricing_model end as "PricingModel",
    null as "CostAllocationRuleName",
    reservation_order || '/reservations/' || commitment_id as "benefitId",
    'VM_RI_' || left(commitment_id, 8) as "benefitName"
from stated
order by line_no
