-- Rows of Oracle's cost report whose usage began on a day: from `starts_at` to before `ends_at`.
with

units (unit, sku_unit, billing_unit) as (
    values
    ('Hrs', 'Hours', '1 NONE HOURS INSTANCE'),
    ('Minutes', 'Minutes', '1 NONE MINUTES INSTANCE'),
    ('GB', 'Gigabytes', '1 GB NONE DATA_TRANSFER'),
    ('GB-Hours', 'Gigabyte Hours', '1 GB HOURS STORAGE_SIZE'),
    ('GB-Seconds', 'Gigabyte Seconds', '1 GB SECONDS MEMORY'),
    ('Requests', 'Requests', '1 NONE NONE REQUESTS')
)

select
    md5(payer_id || line_no) as "lineItem/referenceNo",
    payer_id as "lineItem/tenantId",
    strftime(usage_start, '%Y-%m-%dT%H:%MZ') as "lineItem/intervalUsageStart",
    strftime(usage_end, '%Y-%m-%dT%H:%MZ') as "lineItem/intervalUsageEnd",
    upper(service) as "product/service",
    account_id as "product/compartmentId",
    account_name as "product/compartmentName",
    region as "product/region",
    region || '-ad-1' as "product/availabilityDomain",
    resource_id as "product/resourceId",
    cast(quantity as decimal(38, 18)) as "usage/billedQuantity",
    null as "usage/billedQuantityOverage",
    'ocid1.organizationssubscription.oc1..' || md5(payer_id) as "cost/subscriptionId",
    sku_id as "cost/productSku",
    service || ' - ' || meter as "product/Description",
    cast(price as decimal(38, 18)) as "cost/unitPrice",
    null as "cost/unitPriceOverage",
    cast(billed_cost as decimal(38, 18)) as "cost/myCost",
    null as "cost/myCostOverage",
    currency as "cost/currencyCode",
    units.billing_unit as "cost/billingUnitReadable",
    units.sku_unit as "cost/skuUnitDescription",
    'false' as "cost/overageFlag",
    'false' as "lineItem/isCorrection",
    line_no % 65536 as "lineItem/backreferenceNo",
    team as "tags/team",
    product as "tags/product",
    environment as "tags/environment",
    tenant as "tags/tenant"
from charge_rows
left join units on charge_rows.unit = units.unit
where usage_start >= getvariable('starts_at') and usage_start < getvariable('ends_at')
order by line_no
