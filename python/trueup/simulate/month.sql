-- One month's charge lines of all payers, as they are due. A line is what a resource used in an hour or a day at one
-- price; effects change what is used (usage_effects) or, after this, what is billed for it (`lines` itself). What the
-- resource would have used without effects is its usual_quantity, which tiered SKUs do not share out over tiers.

create or replace temp table steps as
select
    payer_no,
    usage_start,
    case when step_hours = 24 then day_end else usage_start + to_hours(step_hours) end as usage_end
from (
    select
        *,
        unnest(case
            -- a day has 23 or 25 hours where clocks are changed
            when step_hours = 24 then [day_start]
            else generate_series(day_start, day_end - interval 1 hour, to_hours(step_hours))
        end) as usage_start
    from days
    where billing_period = $period
);

-- How much each shape of usage and each product moves in a step: in millionths of the base, summed over its hours.
create or replace temp table activity as
select
    steps.usage_start,
    steps.usage_end,
    profiles.profile,
    levels.product_no,
    sum(case when profiles.profile = 'always' then 1000000 else profiles.weight * levels.permille end) as weight
from (select distinct usage_start, usage_end from steps) as steps
inner join levels on levels.hour_start >= steps.usage_start and levels.hour_start < steps.usage_end
inner join profiles on profiles.hour_of_week = (isodow(levels.hour_start) - 1) * 24 + hour(levels.hour_start)
group by all;

create or replace temp table used as
with

at_work as (
    select
        resources.*,
        steps.usage_start,
        steps.usage_end,
        activity.weight,
        cast(hash($seed, resources.resource_no, epoch(steps.usage_start)) % (2 * resources.noise_permille + 1) as bigint)
        - resources.noise_permille as noise
    from resources
    inner join steps
        on
            resources.payer_no = steps.payer_no
            and steps.usage_start >= resources.born_at
            and steps.usage_start < resources.gone_at
    inner join activity
        on
            steps.usage_start = activity.usage_start
            and steps.usage_end = activity.usage_end
            and resources.profile = activity.profile
            and resources.product_no = activity.product_no
)

select
    at_work.payer_no,
    at_work.account_no,
    at_work.resource_no,
    at_work.sku_no,
    at_work.usage_start,
    at_work.usage_end,
    cast(usual_milli * coalesce(effects.permille, 1000) // 1000 as bigint) * 0.001::decimal(4, 3) as quantity,
    cast(usual_milli as bigint) * 0.001::decimal(4, 3) as usual_quantity,
    effects.effect_id
from (
    select *, cast(base_quantity as hugeint) * weight * (1000 + noise) // 1000000000 as usual_milli from at_work
) as at_work
-- a step that several changes of an effect cover in part is changed by the sum of the parts
left join (
    select effect_id, resource_no, usage_start, 1000 + sum(permille - 1000) as permille
    from usage_effects
    group by effect_id, resource_no, usage_start
) as effects
    on at_work.resource_no = effects.resource_no and at_work.usage_start = effects.usage_start;

-- Usage of a tiered SKU takes from each tier what lies between its own start and end in the payer's month.
create or replace table lines as
with

placed as (
    select
        used.*,
        skus.is_tiered,
        case
            when skus.is_tiered
                then sum(used.quantity) over (
                    partition by used.sku_no order by used.usage_start, used.resource_no
                    rows between unbounded preceding and current row
                )
            else used.quantity
        end as position_end
    from used
    inner join skus on used.sku_no = skus.sku_no
    where used.quantity > 0
),

tiered as (
    select
        placed.* exclude (quantity),
        prices.tier,
        prices.list_price,
        prices.price,
        least(placed.position_end, coalesce(prices.tier_to, placed.position_end))
        - greatest(placed.position_end - placed.quantity, prices.tier_from) as quantity
    from placed
    inner join prices
        on
            placed.sku_no = prices.sku_no
            and placed.usage_start >= prices.effective_from
            and placed.usage_start < coalesce(prices.effective_to, timestamp '9999-12-31')
),

usage_lines as (
    select
        tiered.payer_no,
        tiered.account_no,
        tiered.resource_no,
        tiered.sku_no,
        commitments.commitment_no,
        case when commitments.commitment_no is null then 'usage' else 'covered' end as kind,
        tiered.tier,
        tiered.usage_start,
        tiered.usage_end,
        cast(tiered.quantity as decimal(18, 3)) as quantity,
        tiered.usual_quantity,
        tiered.effect_id,
        tiered.list_price,
        tiered.price,
        case when commitments.commitment_no is null then tiered.price else 0 end as billed_price,
        coalesce((commitments.unit_fee + commitments.unit_upfront) * 0.0000001::decimal(8, 7), tiered.price)
            as effective_price
    from tiered
    left join covered on tiered.resource_no = covered.resource_no
    left join commitments
        on
            covered.commitment_no = commitments.commitment_no
            and tiered.usage_start >= commitments.starts_at
            and tiered.usage_start < commitments.ends_at
    where tiered.quantity > 0
),

unused_lines as (
    select
        steps.payer_no,
        commitments.sku_no,
        commitments.commitment_no,
        'unused' as kind,
        steps.usage_start,
        steps.usage_end,
        cast(commitments.unused_units * date_diff('hour', steps.usage_start, steps.usage_end) as decimal(18, 3)) as quantity,
        0 as billed_price,
        (commitments.unit_fee + commitments.unit_upfront) * 0.0000001::decimal(8, 7) as effective_price
    from commitments
    inner join steps
        on
            commitments.payer_no = steps.payer_no
            and steps.usage_start >= commitments.starts_at
            and steps.usage_start < commitments.ends_at
),

-- A recurring fee is due for each hour of the month, an upfront fee at the start of the term.
fee_lines as (
    select
        commitments.payer_no,
        commitments.sku_no,
        commitments.commitment_no,
        'commitment_fee' as kind,
        min(steps.usage_start) as usage_start,
        max(steps.usage_end) as usage_end,
        cast(
            sum(date_diff('hour', steps.usage_start, steps.usage_end)) * any_value(units + unused_units)
            as decimal(18, 3)
        ) as quantity,
        any_value(commitments.unit_fee) * 0.0000001::decimal(8, 7) as billed_price,
        0 as effective_price
    from commitments
    inner join steps
        on
            commitments.payer_no = steps.payer_no
            and steps.usage_start >= commitments.starts_at
            and steps.usage_start < commitments.ends_at
    group by commitments.payer_no, commitments.sku_no, commitments.commitment_no
    union all
    select
        payer_no,
        sku_no,
        commitment_no,
        'upfront_fee',
        starts_at,
        ends_at,
        cast(date_diff('hour', starts_at, ends_at) * (units + unused_units) as decimal(18, 3)),
        unit_upfront * 0.0000001::decimal(8, 7),
        0
    from commitments
    where unit_upfront > 0 and date_trunc('month', starts_at) = $period
),

credited as (
    select
        payer_no,
        'credit' as kind,
        granted_at as usage_start,
        granted_at + interval 1 day as usage_end,
        -least(amount, (select sum(quantity * billed_price) from usage_lines where payer_no = credits.payer_no))
            as amount,
        credit_no
    from credits
    where date_trunc('month', granted_at) = $period
),

all_lines as (
    select * from usage_lines
    union all by name
    select * from unused_lines
    union all by name
    select * from fee_lines
    union all by name
    select * from credited
),

costed as (
    select
        *,
        cast(coalesce(amount, quantity * billed_price) as decimal(38, 10)) as due_cost,
        cast(coalesce(amount, quantity * effective_price) as decimal(38, 10)) as effective_cost,
        cast(quantity * list_price as decimal(38, 10)) as list_cost
    from all_lines
),

-- Tax on the net of all else that the payer is billed in the month, rounded once.
taxed as (
    select
        costed.payer_no,
        'tax' as kind,
        min(costed.usage_start) as usage_start,
        max(costed.usage_end) as usage_end,
        cast(round(sum(costed.due_cost) * any_value(payers.tax_percent) * 0.01, 2) as decimal(38, 10)) as due_cost,
        cast(round(sum(costed.due_cost) * any_value(payers.tax_percent) * 0.01, 2) as decimal(38, 10)) as effective_cost
    from costed
    inner join payers on costed.payer_no = payers.payer_no
    where payers.is_taxed
    group by costed.payer_no
)

select
    row_number() over (
        order by lines.payer_no, usage_start, kind, account_no, resource_no, lines.sku_no, tier, commitment_no, credit_no
    ) + $first_line as line_no,
    cast($period as date) as billing_period,
    payers.invoice_prefix || strftime($period, '%Y%m') as invoice_id,
    lines.* exclude (billed_price, effective_price, amount),
    due_cost as billed_cost
from (
    select * from costed
    union all by name
    select * from taxed
) as lines
inner join payers on lines.payer_no = payers.payer_no
order by line_no;
