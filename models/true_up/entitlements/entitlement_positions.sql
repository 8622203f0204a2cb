-- Each account's part of its allowance in a period. The price of what is covered is told beside that of overage: both
-- together are what the contract's card asks for the usage.
with

positions as (
    select distinct
        position_id,
        allowance_id,
        direction,
        contract_id,
        account_id,
        meter_id,
        pool,
        period,
        period_start,
        period_end,
        currency,
        final_at
    from {{ ref('entitlement_grants') }}
),

used as (
    select
        position_id,
        {{ sum_where('quantity', 'is_counted and not is_late') }} as used_quantity,
        case
            when bool_or(is_level)
                then greatest(max(quantity) - coalesce(max(quantity) filter (where not is_late), 0), 0)
            else {{ sum_where('quantity', 'is_late') }}
        end as late_quantity
    from {{ ref('entitled_usage') }}
    group by position_id
),

overage as (
    select
        position_id,
        cast(sum(overage_quantity) as {{ decimal_type() }}) as overage_quantity
    from {{ ref('entitlement_overage') }}
    group by position_id
)

select
    positions.*,
    case when allowances.is_final then 'final' else 'provisional' end as status,
    allowances.overage_policy,
    allowances.included_quantity,
    allowances.carried_quantity,
    allowances.entitled_quantity,
    allowances.used_quantity as allowance_used_quantity,
    allowances.tolerated_quantity,
    cast(coalesce(used.used_quantity, 0) as {{ decimal_type() }}) as used_quantity,
    cast(coalesce(used.late_quantity, 0) as {{ decimal_type() }}) as late_quantity,
    coalesce(overage.overage_quantity, 0) as overage_quantity,
    case
        when coalesce(overage.overage_quantity, 0) = 0 then 'none'
        when
            sum(overage.overage_quantity) over (partition by positions.allowance_id, positions.period_start)
            <= allowances.tolerated_quantity
            then 'tolerated'
        else allowances.overage_policy
    end as consequence,
    case when prices.unpriced_reason is null then coalesce(prices.included_amount, 0) end as included_amount,
    case when prices.unpriced_reason is null then coalesce(prices.overage_amount, 0) end as overage_amount,
    prices.unpriced_reason
from positions
inner join {{ ref('entitlement_allowances') }} as allowances
    on positions.allowance_id = allowances.allowance_id and positions.period_start = allowances.period_start
left join used on positions.position_id = used.position_id
left join overage on positions.position_id = overage.position_id
left join {{ ref('entitlement_prices') }} as prices on positions.position_id = prices.position_id
