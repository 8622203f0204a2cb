-- What does each team owe for each month, to which cost centre is it charged, and how much has no owner yet?
with

charges as (
    select * from {{ ref('fct_charges') }}
),

directory as (
    select * from {{ ref('stg_owner_directory__owners') }}
),

owned as (
    select
        billing_period,
        billing_currency,
        owner,
        product,
        cost_center,
        count(*) as charge_count,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost,
        case when count(effective_cost_reporting) = count(*) then sum(effective_cost_reporting) end
            as effective_cost_reporting
    from charges
    group by billing_period, billing_currency, owner, product, cost_center
),

totals as (
    select
        billing_period,
        billing_currency,
        sum(effective_cost) as effective_cost
    from owned
    group by billing_period, billing_currency
)

select
    owned.billing_period,
    owned.billing_currency,
    owned.owner,
    owned.product,
    coalesce(owned.cost_center, directory.cost_center) as cost_center,
    directory.charging_mode,
    owned.charge_count,
    owned.billed_cost,
    owned.effective_cost,
    owned.effective_cost_reporting,
    round({{ exact_ratio('100 * owned.effective_cost', 'totals.effective_cost') }}, 2) as share_percent
from owned
inner join totals
    on owned.billing_period = totals.billing_period and owned.billing_currency = totals.billing_currency
left join directory on owned.owner = directory.owner
order by owned.billing_period asc, owned.billing_currency asc, owned.effective_cost desc
