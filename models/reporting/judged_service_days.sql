-- Each day is compared with the same weekdays within four weeks to either side: a month that landed at once is judged
-- like one that came day by day, and what stops every weekend is no surprise. What has stayed so for the better part
-- of the two weeks to either side is a new level, which is none either.
with

days as (
    select
        provider,
        billing_currency,
        account_id,
        service_name,
        usage_date,
        cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
    from {{ ref('service_days') }}
    group by provider, billing_currency, account_id, service_name, usage_date
),

compared as (
    select
        *,
        list(effective_cost) over same_weekdays as other_costs,
        list(effective_cost) over nearby_days as nearby_costs,
        usage_date - min(usage_date) over (
            partition by provider, billing_currency, account_id, service_name
        ) as days_before
    from days
    window
        same_weekdays as (
            partition by provider, billing_currency, account_id, service_name, extract(isodow from usage_date)
            order by usage_date
            range between interval 28 day preceding and interval 28 day following exclude current row
        ),
        nearby_days as (
            partition by provider, billing_currency, account_id, service_name
            order by usage_date
            range between interval 13 day preceding and interval 13 day following exclude current row
        )
),

usual as (
    select
        *,
        len(other_costs) as days_compared,
        {{ middle_of('other_costs') }} as usual_cost,
        -- the upper one of two in the middle: half of the days around it make a level, if they are a week at least
        case when len(nearby_costs) >= 7 then list_sort(nearby_costs)[len(nearby_costs) // 2 + 1] end as nearby_cost
    from compared
    where len(other_costs) >= 3
),

distant as (
    select
        * exclude (other_costs, nearby_costs),
        list_transform(other_costs, other_cost -> abs(other_cost - usual_cost)) as distances
    from usual
),

spread as (
    select
        * exclude (distances),
        {{ middle_of('distances') }} as usual_spread
    from distant
),

-- twice the usual, three times its spread above it; below one unit of currency nobody looks
tolerated as (
    select
        *,
        effective_cost - usual_cost as excess_cost,
        greatest(abs(usual_cost), 3 * usual_spread, 1) as tolerated_excess_cost
    from spread
)

select
    * exclude (nearby_cost, days_before),
    -- nobody can tell in the first week of a service what is much
    days_before >= 7
    and excess_cost > tolerated_excess_cost
    and coalesce(effective_cost - nearby_cost > tolerated_excess_cost, true) as is_anomaly
from tolerated
