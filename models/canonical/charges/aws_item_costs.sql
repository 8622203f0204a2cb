with

line_items as (
    select * from {{ ref('aws_line_items') }}
),

kinds as (
    select * from {{ ref('charge_kinds') }}
    where source = 'aws_cur'
),

-- A fee that was not used up is two charges: what was billed, and beside it what nothing used. Numbered by a join,
-- not by a union, which would read every line twice.
numbers (has_unused, charge_part) as (
    values (false, 0), (true, 0), (true, 1)
),

numbered as (
    select
        line_items.*,
        numbers.charge_part,
        numbers.charge_part = 1 as is_unused
    from line_items
    inner join numbers
        on
            coalesce(
                line_items.line_item_type in ('RIFee', 'SavingsPlanRecurringFee') and line_items.unused_cost != 0, false
            ) = numbers.has_unused
),

-- Fees of commitments leave the lines that bill them; they return on the usage that they cover.
parts as (
    select
        * exclude (charge_type, is_unused),
        case when is_unused then 'CommitmentUnused' else charge_type end as charge_type,
        case when is_unused then 0 else paid_cost end as billed_cost,
        case
            when is_unused then unused_cost
            when covered_cost is not null then covered_cost
            when unused_cost is not null then 0
            when charge_type in ('SavingsPlanNegation', 'SavingsPlanUpfrontFee', 'ReservationUpfrontFee') then 0
            else paid_cost
        end as effective_cost,
        case line_item_type
            when 'SavingsPlanCoveredUsage' then savings_plan_effective_cost
            when 'SavingsPlanRecurringFee' then case when is_unused then unused_commitment else total_commitment end
            when 'SavingsPlanUpfrontFee' then unblended_cost
            when 'DiscountedUsage' then usage_amount
            when 'RIFee' then case when is_unused then unused_quantity else reserved_quantity end
        end as commitment_quantity,
        case
            when is_unused then 'Unused'
            when line_item_type in ('SavingsPlanCoveredUsage', 'DiscountedUsage') then 'Used'
        end as commitment_status
    from numbered
)

select
    parts.*,
    coalesce(kinds.charge_category, 'Adjustment') as charge_category,
    coalesce(kinds.charge_kind, 'unknown') as charge_kind,
    coalesce(kinds.charge_frequency, 'One-Time') as charge_frequency,
    case
        when parts.commitment_status is not null then 'Committed'
        when parts.pricing_term = 'Spot' then 'Dynamic'
        when kinds.charge_category in ('Usage', 'Purchase') then 'Standard'
    end as pricing_category,
    case
        when kinds.charge_kind in ('usage', 'commitment_usage')
            then coalesce(parts.public_on_demand_cost, parts.unblended_cost)
        when kinds.charge_kind in ('commitment_negation', 'commitment_unused', 'cost_share', 'discount') then 0
        else parts.billed_cost
    end as list_cost,
    case
        when kinds.charge_kind = 'commitment_usage' then coalesce(parts.public_on_demand_cost, parts.billed_cost)
        when kinds.charge_kind in ('commitment_negation', 'commitment_unused', 'cost_share') then 0
        else parts.billed_cost
    end as contracted_cost,
    case
        when kinds.charge_kind = 'commitment_usage' then parts.public_on_demand_rate
        else parts.paid_rate
    end as contracted_rate
from parts
left join kinds on parts.charge_type = kinds.raw_type
