-- Which owners and services drive the change of cost from month to month?
with

monthly as (
    select
        billing_period,
        billing_currency,
        owner,
        service_name,
        sum(effective_cost) as effective_cost
    from {{ ref('fct_charges') }}
    group by billing_period, billing_currency, owner, service_name
),

months as (
    select distinct
        billing_period,
        billing_currency
    from monthly
),

pairs as (
    select
        coalesce(current_month.billing_period, months.billing_period) as billing_period,
        coalesce(current_month.billing_currency, earlier.billing_currency) as billing_currency,
        coalesce(current_month.owner, earlier.owner) as owner,
        coalesce(current_month.service_name, earlier.service_name) as service_name,
        coalesce(earlier.effective_cost, 0) as earlier_cost,
        coalesce(current_month.effective_cost, 0) as effective_cost
    from monthly as earlier
    inner join months
        on
            earlier.billing_period + interval 1 month = months.billing_period
            and earlier.billing_currency = months.billing_currency
    full outer join monthly as current_month
        on
            months.billing_period = current_month.billing_period
            and earlier.billing_currency = current_month.billing_currency
            and earlier.owner = current_month.owner
            and earlier.service_name is not distinct from current_month.service_name
)

select
    billing_period,
    billing_currency,
    owner,
    service_name,
    earlier_cost,
    effective_cost,
    effective_cost - earlier_cost as cost_change,
    case when earlier_cost = 0 then 'new' when effective_cost = 0 then 'gone' else 'changed' end as change_kind
from pairs
where effective_cost != earlier_cost
order by billing_period asc, billing_currency asc, abs(effective_cost - earlier_cost) desc
