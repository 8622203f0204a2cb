-- The charges grouped as they are for us, then multiplied by shares that are there already. Rounded parts, so that
-- sums differ from the charges' in the last places.
create table allocated as
select
    'v1' as partition_version,
    costs.billing_period,
    costs.charge_date,
    costs.currency,
    costs.owner as source_owner,
    shares.owner,
    costs.product,
    shares.cost_center,
    shares.tenant,
    shares.step,
    shares.rule_id,
    shares.method,
    shares.driver_id,
    shares.share,
    shares.is_estimated,
    shares.path,
    shares.held_because,
    shares.held_rules,
    cast(costs.billed_cost * shares.part as decimal(38, 18)) as allocated_billed_cost,
    cast(costs.effective_cost * shares.part as decimal(38, 18)) as allocated_effective_cost
from (
    select
        billing_period, charge_date, currency, owner, product,
        cast(sum(billed_cost) as decimal(20, 9)) as billed_cost,
        cast(sum(effective_cost) as decimal(20, 9)) as effective_cost
    from cost_groups
    group by all
) as costs
inner join shares
    on costs.charge_date = shares.charge_date and costs.owner = shares.source_owner and costs.product = shares.product;
