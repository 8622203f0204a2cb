-- Lines of the payer of whom a writer tells: whose they are, what was used and how it is tagged. Lines of the whole
-- account have no account; untagged resources have no tags, and few belong to a tenant.
create or replace temp view charge_rows as
select
    lines.*,
    payers.payer_id,
    payers.payer_name,
    payers.issuer,
    payers.currency,
    accounts.account_id,
    accounts.account_name,
    accounts.environment as account_environment,
    payer_teams.team as account_team,
    payer_teams.cost_center,
    payer_teams.approver,
    skus.family,
    skus.service,
    skus.sku_id,
    skus.meter,
    skus.region,
    skus.unit,
    resources.resource_id,
    resources.resource_name,
    case when resources.is_tagged then teams.team end as team,
    case when resources.is_tagged then products.product end as product,
    case when resources.is_tagged then resources.environment end as environment,
    case when resources.is_tagged then tenants.tenant end as tenant,
    commitments.commitment_id,
    commitments.units + commitments.unused_units as committed_units,
    case lines.kind when 'upfront_fee' then commitments.unit_upfront else commitments.unit_fee end
    * 0.0000001::decimal(8, 7) as fee_price,
    (commitments.unit_fee + commitments.unit_upfront) * 0.0000001::decimal(8, 7) as covered_price
from lines
inner join payers on lines.payer_no = payers.payer_no
left join accounts on lines.account_no = accounts.account_no
left join teams as payer_teams on accounts.team_no = payer_teams.team_no
left join skus on lines.sku_no = skus.sku_no
left join resources on lines.resource_no = resources.resource_no
left join teams on resources.team_no = teams.team_no
left join products on resources.product_no = products.product_no
left join tenants on resources.tenant_no = tenants.tenant_no
left join commitments on lines.commitment_no = commitments.commitment_no
where lines.payer_no = getvariable('payer_no');
