with

causes as (
    select
        owners.*,
        case
            when owners.owner != 'unattributed' then null
            when owners.last_date >= last_owners.lost_tags_at then 'lost_tag'
            when not owners.is_tagged then 'no_tag'
            else 'no_rule'
        end as cause
    from {{ ref('resource_owners') }} as owners
    left join {{ ref('last_owners') }} as last_owners
        on owners.provider = last_owners.provider and owners.resource_id = last_owners.resource_id
),

totals as (
    select
        *,
        sum(abs(billed_cost)) over (partition by billing_period, provider, billing_currency) as total_cost
    from causes
)

select
    billing_period,
    provider,
    billing_currency,
    cause,
    cast(sum(charge_count) as bigint) as charge_count,
    cast(sum(billed_cost) as decimal(38, 18)) as billed_cost,
    cast(sum(effective_cost) as decimal(38, 18)) as effective_cost,
    cast(
        case when max(total_cost) = 0 then 0 else round(100 * sum(abs(billed_cost)) / max(total_cost), 6) end
        as decimal(9, 6)
    ) as share_percent
from totals
where cause is not null
group by billing_period, provider, billing_currency, cause
