-- What follows from the company before any month is simulated: tiers, prices, hours, coverage.

-- AWS knows a commitment by its ARN: on its bills, and so in our terms.
update commitments set commitment_id = case
    when commitments.kind = 'savings_plan'
        then 'arn:aws:savingsplans::' || payers.payer_id || ':savingsplan/' || commitments.commitment_id
    else
        'arn:aws:ec2:' || skus.region || ':' || payers.payer_id || ':reserved-instances/' || commitments.commitment_id
end
from payers, skus
where commitments.payer_no = payers.payer_no and commitments.sku_no = skus.sku_no and payers.provider = 'AWS';

-- Machines covered by a commitment: the first by number that run the whole time.
create table covered as
select resources.resource_no, commitments.commitment_no
from commitments
inner join resources on commitments.sku_no = resources.sku_no
where resources.born_at <= commitments.starts_at and resources.gone_at > $ends_at
qualify row_number() over (partition by commitments.commitment_no order by resources.resource_no) <= commitments.units;

-- Resources of a tiered SKU lie in one account: which of two accounts reaches a tier first is then no question.
update resources set account_no = homes.account_no
from (
    select resources.sku_no, arg_min(resources.account_no, resources.resource_no) as account_no
    from resources
    inner join skus on resources.sku_no = skus.sku_no
    where skus.is_tiered
    group by resources.sku_no
) as homes
where resources.sku_no = homes.sku_no;

-- One row per version of a vendor's contract, with its rate card.
create table contract_versions as
select
    payer_no,
    1 as version,
    rate_card_id,
    date '2020-01-01' as effective_from,
    cast(null as date) as effective_to
from payers;

-- One row per SKU, version and tier: a tier covers (tier_from, tier_to] of the payer's usage of a month.
create table prices as
with

sizes as (
    select
        skus.*,
        greatest(10, coalesce(sum(resources.base_quantity) // 1000 * 730, 0)) as month_units
    from skus
    left join resources on skus.sku_no = resources.sku_no
    group by all
),

versions as (
    select *, 1 as version, 100 as version_percent,
        timestamp '2020-01-01' as effective_from,
        case when change_percent != 0 and len($periods) > 1 then cast($periods[len($periods) // 2 + 1] as timestamp) end
            as effective_to
    from sizes
    union all
    select *, 2, 100 + change_percent, cast($periods[len($periods) // 2 + 1] as timestamp), null
    from sizes
    where change_percent != 0 and len($periods) > 1
),

tiers as (
    select *, unnest(case when is_tiered then [1, 2, 3] else [1] end) as tier from versions
)

select
    sku_no, 1 as contract_version, version, tier, effective_from, effective_to,
    cast(case tier when 1 then 0 when 2 then month_units * 3 // 10 else month_units * 7 // 10 end as decimal(18, 3))
        as tier_from,
    cast(case when is_tiered and tier = 1 then month_units * 3 // 10 when tier = 2 then month_units * 7 // 10 end
        as decimal(18, 3)) as tier_to,
    cast(greatest(1, base_price * version_percent // 100 * (12 - 2 * tier) // 10) as decimal(18, 0))
        * 0.0000001::decimal(8, 7) as list_price,
    cast(greatest(1, base_price * version_percent // 100 * (12 - 2 * tier) // 10 * (100 - discount_percent) // 100)
        as decimal(18, 0)) * 0.0000001::decimal(8, 7) as price
from tiers;
