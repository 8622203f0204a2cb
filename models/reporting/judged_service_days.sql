-- Each day is compared with the same weekdays within four weeks to either side: a month that landed at once is judged
-- like one that came day by day, and what stops every weekend is no surprise.
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
        list(effective_cost) over same_weekdays as other_costs
    from days
    window same_weekdays as (
        partition by provider, billing_currency, account_id, service_name, extract(isodow from usage_date)
        order by usage_date
        range between interval 28 day preceding and interval 28 day following exclude current row
    )
),

usual as (
    select
        *,
        len(other_costs) as days_compared,
        {{ middle_of('other_costs') }} as usual_cost
    from compared
    where len(other_costs) >= 3
),

distant as (
    select
        * exclude (other_costs),
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
    *,
    excess_cost > tolerated_excess_cost as is_anomaly
from tolerated
