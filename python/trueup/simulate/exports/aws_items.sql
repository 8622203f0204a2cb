-- What AWS bills one payer for a month, as line items. Needs `lines`; has_net_columns says how the agreement's discount
-- is stated: as the difference of gross and net amounts, or in the price alone.

create or replace temp table aws_items as
with

mine as (
    select
        lines.* exclude (price),
        commitments.kind as commitment_kind,
        commitments.unit_upfront * 0.0000001::decimal(8, 7) as unit_upfront,
        case
            when lines.kind = 'commitment_fee' then commitments.unit_fee * 0.0000001::decimal(8, 7)
            when lines.kind = 'covered' and commitments.kind = 'reservation' then 0
            else lines.price
        end as price,
        -- a line billed above the public price has none
        case
            when $has_net_columns and lines.price < lines.list_price
                then lines.quantity * (lines.list_price - lines.price)
            else 0
        end as discount
    from lines
    left join commitments on lines.commitment_no = commitments.commitment_no
    where lines.payer_no = $payer_no
),

unused as (
    select
        commitment_no,
        sum(quantity) as quantity,
        sum(effective_cost) as cost
    from mine
    where kind = 'unused'
    group by commitment_no
),

-- Usage under a savings plan is billed at its price, which negations take back. What is left unused of a reservation
-- stands on its monthly fee, in hours and in money.
single_items as (
    select
        mine.* exclude (due_cost, billed_cost, effect_id),
        case
            when mine.kind = 'covered' and mine.commitment_kind = 'savings_plan' then 'SavingsPlanCoveredUsage'
            when mine.kind = 'covered' then 'DiscountedUsage'
            when mine.kind = 'commitment_fee' then 'RIFee'
            when mine.kind = 'upfront_fee' then 'Fee'
            when mine.kind = 'credit' then 'Credit'
            when mine.kind = 'tax' then 'Tax'
            else 'Usage'
        end as item_type,
        case
            when item_type = 'SavingsPlanCoveredUsage' then mine.quantity * mine.price
            else mine.billed_cost
        end as net_cost,
        case when mine.kind = 'covered' then mine.effective_cost end as covered_cost,
        case when mine.kind = 'covered' then mine.quantity * mine.unit_upfront end as covered_upfront,
        case when mine.kind = 'commitment_fee' then mine.quantity * mine.unit_upfront end as month_upfront,
        case when mine.kind = 'commitment_fee' then unused.quantity end as unused_quantity,
        case when mine.kind = 'commitment_fee' then unused.cost end as unused_cost,
        case when mine.kind = 'commitment_fee' then unused.quantity * mine.unit_upfront end as unused_upfront
    from mine
    left join unused on mine.commitment_no = unused.commitment_no
    where
        mine.kind != 'unused'
        and not (mine.kind = 'commitment_fee' and mine.commitment_kind = 'savings_plan')
),

-- What usage under a savings plan would have cost is taken back, once per account, SKU and hour.
negations as (
    select
        min(line_no) as line_no,
        any_value(invoice_id) as invoice_id,
        'SavingsPlanNegation' as item_type,
        account_no,
        sku_no,
        commitment_no,
        any_value(commitment_kind) as commitment_kind,
        tier,
        usage_start,
        usage_end,
        list_price,
        -price as price,
        sum(quantity) as quantity,
        sum(billed_cost - quantity * price) as net_cost
    from mine
    where kind = 'covered' and commitment_kind = 'savings_plan'
    group by account_no, sku_no, commitment_no, tier, usage_start, usage_end, list_price, price
),

-- A savings plan is billed by the hour (or the day), at what an hour commits; what a month's fee bills beyond what is
-- due stands on the first of them.
plan_hours as (
    select
        fees.line_no,
        fees.invoice_id,
        fees.sku_no,
        fees.commitment_no,
        fees.commitment_kind,
        unused.usage_start,
        unused.usage_end,
        unused.effective_cost as unused_commitment,
        case when unused.usage_start = fees.usage_start then fees.billed_cost - fees.due_cost else 0 end as added_cost,
        fees.price * (commitments.units + commitments.unused_units) as price,
        cast(date_diff('hour', unused.usage_start, unused.usage_end) as decimal(18, 3)) as quantity
    from mine as fees
    inner join mine as unused on fees.commitment_no = unused.commitment_no and unused.kind = 'unused'
    inner join commitments on fees.commitment_no = commitments.commitment_no
    where fees.kind = 'commitment_fee' and fees.commitment_kind = 'savings_plan'
),

plan_fees as (
    select
        * exclude (unused_commitment, added_cost),
        'SavingsPlanRecurringFee' as item_type,
        quantity * price as commitment,
        quantity * price - unused_commitment as used_commitment,
        quantity * price + added_cost as net_cost
    from plan_hours
),

-- Readers of gross amounts find the agreement's discount on lines of its own; net they are nothing.
discounts as (
    select
        min(line_no) as line_no,
        any_value(invoice_id) as invoice_id,
        'PrivateRateDiscount' as item_type,
        account_no,
        sku_no,
        usage_start,
        usage_end,
        -sum(discount) as discount,
        0 as net_cost
    from mine
    where discount != 0
    group by account_no, sku_no, usage_start, usage_end
)

select * exclude (kind) from single_items
union all by name
select * from negations
union all by name
select * from plan_fees
union all by name
select * from discounts;
