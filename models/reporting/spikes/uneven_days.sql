{{ config(materialized='view') }}

-- Days of the resources that may have a spike at all, each with the others of the four weeks to either side: the same
-- weekdays, and the nearby ones. Most resources have no day that stands out, and are left here.
{%- set series = 'provider, billing_account_id, account_id, resource_id, sku_id, unit, billing_currency' %}
with

days as (
    select * from {{ ref('used_days') }}
    where quantity > 0
),

uneven as (
    select
        {{ series }},
        {{ identity(series.split(', ')) }} as series_id
    from days
    group by {{ series }}
    having 2 * max(quantity) > ({{ var('spike_factor') }} + 1) * {{ quantile_of('quantity') }} and count(*) > 7
),

compared as (
    select
        uneven.series_id,
        days.*,
        list(days.quantity) over same_weekdays as weekday_quantities,
        list(days.quantity) over nearby_days as nearby_quantities,
        -- what is not billed yet is worth what it was on the last day that is
        last_value(case when days.billed_quantity > 0 then days.effective_cost end ignore nulls) over days_before
            as last_billed_cost,
        last_value(case when days.billed_quantity > 0 then days.billed_quantity end ignore nulls) over days_before
            as last_billed_quantity
    from days
    inner join uneven
        on
            days.provider = uneven.provider
            and days.billing_account_id = uneven.billing_account_id
            and days.account_id = uneven.account_id
            and days.resource_id = uneven.resource_id
            and days.sku_id is not distinct from uneven.sku_id
            and days.unit is not distinct from uneven.unit
            and days.billing_currency = uneven.billing_currency
    window
        days_before as (partition by uneven.series_id order by days.usage_date),
        same_weekdays as (
            partition by uneven.series_id, extract(isodow from days.usage_date) order by days.usage_date
            range between interval 28 day preceding and interval 28 day following exclude current row
        ),
        nearby_days as (
            partition by uneven.series_id order by days.usage_date
            range between interval 13 day preceding and interval 13 day following exclude current row
        )
)

select
    * exclude (weekday_quantities),
    case when len(weekday_quantities) >= 3 then weekday_quantities else nearby_quantities end as other_quantities
from compared
where len(weekday_quantities) >= 3 or len(nearby_quantities) >= 7
