with

line_items as (
    select
        'aws_cur' as export,
        *
    from {{ ref('stg_aws_cur__line_items') }}
    union all by name
    select
        'aws_cur2' as export,
        *
    from {{ ref('stg_aws_cur2__line_items') }}
),

-- Lines that stand for something else than their type says, and what commits them.
typed as (
    select
        *,
        coalesce(billing_entity = 'AWS Marketplace', false) as is_marketplace,
        case
            when parent_resource_id is not null then 'SplitCostShare'
            when line_item_type = 'Fee' and reservation_arn is not null then 'ReservationUpfrontFee'
            else line_item_type
        end as charge_type,
        coalesce(savings_plan_arn, reservation_arn) as commitment_id,
        case
            when savings_plan_arn is not null then coalesce(savings_plan_type, 'Savings Plan')
            when reservation_arn is not null then 'Reserved Instance'
        end as commitment_type,
        case
            when savings_plan_arn is not null then 'Spend'
            when reservation_arn is not null then 'Usage'
        end as commitment_category,
        case
            when savings_plan_arn is not null then currency
            when reservation_arn is not null then pricing_unit
        end as commitment_unit
    from line_items
),

-- A discount of the agreement with AWS is stated twice: in the net column of the line that it lowers, and in lines
-- of its own for readers of the gross columns. Net columns, where a report has them, are what is paid.
paid as (
    select
        *,
        case
            when charge_type = 'SplitCostShare' then 0
            else coalesce(net_unblended_cost, unblended_cost)
        end as paid_cost,
        coalesce(net_unblended_rate, unblended_rate) as paid_rate,
        case
            when charge_type = 'SplitCostShare'
                then
                    coalesce(net_split_used_cost, split_used_cost)
                    + coalesce(net_split_unused_cost, split_unused_cost, 0)
        end as split_cost,
        total_commitment - used_commitment as unused_commitment,
        upfront_commitment + recurring_commitment as fee,
        net_upfront_commitment + net_recurring_commitment as net_fee
    from typed
)

select
    * exclude (fee, net_fee),
    case line_item_type
        when 'SavingsPlanCoveredUsage' then coalesce(net_savings_plan_effective_cost, savings_plan_effective_cost)
        when 'DiscountedUsage' then coalesce(net_reservation_effective_cost, reservation_effective_cost)
    end as covered_cost,
    case line_item_type
        when 'RIFee'
            then
                coalesce(net_unused_upfront_fee, unused_upfront_fee, 0)
                + coalesce(net_unused_recurring_fee, unused_recurring_fee, 0)
        when 'SavingsPlanRecurringFee'
            then
                case
                    when net_fee = fee or net_fee is null or fee is null or fee = 0 then unused_commitment
                    when unused_commitment = fee then net_fee
                    else {{ prorated('unused_commitment', 'net_fee', 'nullif(fee, 0)') }}
                end
    end as unused_cost
from paid
