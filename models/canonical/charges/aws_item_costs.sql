with

line_items as (
    select * from {{ ref('aws_line_items') }}
),

kinds as (
    select * from {{ ref('charge_kinds') }}
    where source = 'aws_cur'
),

-- Fees of commitments leave the lines that bill them; they return on the usage that they cover.
lines as (
    select
        *,
        0 as charge_part,
        paid_cost as billed_cost,
        case
            when covered_cost is not null then covered_cost
            when unused_cost is not null then 0
            when charge_type in ('SavingsPlanNegation', 'SavingsPlanUpfrontFee', 'ReservationUpfrontFee') then 0
            else paid_cost
        end as effective_cost,
        case line_item_type
            when 'SavingsPlanCoveredUsage' then savings_plan_effective_cost
            when 'SavingsPlanRecurringFee' then total_commitment
            when 'SavingsPlanUpfrontFee' then unblended_cost
            when 'DiscountedUsage' then usage_amount
            when 'RIFee' then reserved_quantity
        end as commitment_quantity,
        case when line_item_type in ('SavingsPlanCoveredUsage', 'DiscountedUsage') then 'Used' end as commitment_status
    from line_items
),

-- What nothing used returns as a charge of its own, beside the fee that it was part of.
unused as (
    select
        * exclude (charge_type),
        'CommitmentUnused' as charge_type,
        1 as charge_part,
        0 as billed_cost,
        unused_cost as effective_cost,
        case line_item_type when 'RIFee' then unused_quantity else unused_commitment end as commitment_quantity,
        'Unused' as commitment_status
    from line_items
    where line_item_type in ('RIFee', 'SavingsPlanRecurringFee') and unused_cost != 0
),

parts as (
    select * from lines
    union all by name
    select * from unused
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
