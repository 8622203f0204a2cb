-- Line items with the ids, names and tags that both AWS reports carry, in the order of the files. Needs aws_items.

create or replace temp table families as
from (
    values
    ('compute', 'AmazonEC2', 'Compute Instance', 'RunInstances', 'OnDemand'),
    ('compute_scaled', 'AmazonEC2', 'Compute Instance', 'RunInstances', 'OnDemand'),
    ('compute_spot', 'AmazonEC2', 'Compute Instance', 'RunInstances', 'Spot'),
    ('kubernetes_node', 'AmazonEC2', 'Compute Instance', 'RunInstances', 'OnDemand'),
    ('block_storage', 'AmazonEC2', 'Storage', 'CreateVolume-Gp3', 'OnDemand'),
    ('object_storage', 'AmazonS3', 'Storage', 'StandardStorage', 'OnDemand'),
    ('cold_storage', 'AmazonGlacier', 'Storage', 'DeepArchiveStorage', 'OnDemand'),
    ('egress', 'AWSDataTransfer', 'Data Transfer', 'Out', 'OnDemand'),
    ('requests', 'AmazonS3', 'API Request', 'GetObject', 'OnDemand'),
    ('function_seconds', 'AWSLambda', 'Serverless', 'Invoke', 'OnDemand'),
    ('database', 'AmazonRDS', 'Database Instance', 'CreateDBInstance', 'OnDemand'),
    ('observability', 'AmazonCloudWatch', 'Data Payload', 'PutLogEvents', 'OnDemand'),
    ('build_minutes', 'CodeBuild', 'Compute', 'Build', 'OnDemand'),
    ('load_balancer', 'AWSELB', 'Load Balancer', 'LoadBalancing', 'OnDemand')
) as families (family, product_code, product_family, operation, term);

create or replace temp table locations as
from (
    values
    ('us-east-1', 'US East (N. Virginia)'),
    ('us-west-2', 'US West (Oregon)'),
    ('eu-west-1', 'EU (Ireland)'),
    ('eu-central-1', 'EU (Frankfurt)'),
    ('ap-southeast-2', 'Asia Pacific (Sydney)')
) as locations (region, location);

create or replace temp table aws_lines as
select
    items.line_no,
    items.item_type,
    -- with the interval it is unique: hourly lines of one fee share it
    md5(concat_ws(':', $seed, items.line_no, items.item_type)) as item_id,
    items.invoice_id,
    case when items.item_type = 'Fee' then 'Purchase' else 'Anniversary' end as bill_type,
    cast($period as timestamp) as period_start,
    $period + interval 1 month as period_end,
    items.usage_start,
    items.usage_end,
    strftime(items.usage_start, '%Y-%m-%dT%H:%M:%SZ') as starts,
    strftime(items.usage_end, '%Y-%m-%dT%H:%M:%SZ') as ends,
    payers.issuer,
    payers.payer_id,
    payers.payer_name,
    coalesce(accounts.account_id, payers.payer_id) as account_id,
    coalesce(accounts.account_name, payers.payer_name) as account_name,
    accounts.environment as account_environment,
    resources.resource_id,
    case when resources.is_tagged then resources.resource_name end as tag_name,
    case when resources.is_tagged then teams.team end as tag_team,
    case when resources.is_tagged then teams.cost_center end as tag_cost_center,
    case when resources.is_tagged then products.product end as tag_product,
    case when resources.is_tagged then resources.environment end as tag_environment,
    case when resources.is_tagged then tenants.tenant end as tag_tenant,
    -- AWS names a service on taxes and credits too
    case
        when items.item_type = 'SavingsPlanRecurringFee' then 'ComputeSavingsPlans'
        else coalesce(families.product_code, 'AmazonEC2')
    end as product_code,
    case
        when items.item_type = 'SavingsPlanRecurringFee' then 'ComputeSavingsPlans'
        else families.product_family
    end as product_family,
    skus.service,
    families.operation,
    skus.sku_id,
    skus.meter,
    skus.region,
    locations.location,
    case
        when families.product_family = 'Compute Instance'
            then skus.region || substr('abc', items.resource_no % 3 + 1, 1)
    end as availability_zone,
    skus.unit,
    case
        when items.item_type in ('DiscountedUsage', 'RIFee', 'Fee', 'SavingsPlanRecurringFee') then 'Reserved'
        else families.term
    end as term,
    skus.sku_id || '.JRTCKXETXF.' || items.tier as rate_code,
    1000000 + skus.sku_no * 10 + items.tier as rate_id,
    case items.item_type
        when 'SavingsPlanNegation'
            then
                'SavingsPlanNegation used by AccountId : ' || accounts.account_id
                || ' and UsageSku : ' || skus.sku_id
        when 'SavingsPlanRecurringFee' then '1 year No Upfront Compute Savings Plan'
        when 'RIFee' then 'Hourly fee of reservation ' || commitments.commitment_id
        when 'Fee' then 'Upfront fee of reservation ' || commitments.commitment_id
        when 'PrivateRateDiscount' then 'Discount on ' || skus.meter
        when 'Credit' then coalesce('Promotional credit ' || credits.credit_id, 'Credit for earlier usage')
        when 'Tax' then 'VAT of ' || payers.tax_percent || ' %'
        else '$' || items.price || ' per ' || skus.unit || ' of ' || skus.meter
    end as description,
    case when items.item_type = 'Tax' then 'VAT' end as tax_type,
    payers.currency,
    items.quantity,
    items.list_price,
    items.list_cost,
    items.price,
    items.net_cost,
    items.discount,
    case when items.commitment_kind = 'savings_plan' then commitments.commitment_id end as plan_arn,
    case when items.commitment_kind = 'reservation' then commitments.commitment_id end as reservation_arn,
    commitments.starts_at as commitment_start,
    commitments.ends_at as commitment_end,
    commitments.units + commitments.unused_units as units,
    items.covered_cost,
    items.covered_upfront,
    items.month_upfront,
    items.unused_quantity,
    items.unused_cost,
    items.unused_upfront,
    items.commitment,
    items.used_commitment
from aws_items as items
inner join payers on payers.payer_no = $payer_no
left join accounts on items.account_no = accounts.account_no
left join skus on items.sku_no = skus.sku_no
left join families on skus.family = families.family
left join locations on skus.region = locations.region
left join resources on items.resource_no = resources.resource_no
left join teams on resources.team_no = teams.team_no
left join products on resources.product_no = products.product_no
left join tenants on resources.tenant_no = tenants.tenant_no
left join commitments on items.commitment_no = commitments.commitment_no
left join credits on items.credit_no = credits.credit_no
order by items.line_no, items.item_type, items.usage_start;
