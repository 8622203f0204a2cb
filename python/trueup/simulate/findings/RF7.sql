-- SKUs with a long tail of resources in a month that live for a day or so, by what all of them cost.
select
    sku_id as subject,
    billing_period,
    cast(null as varchar) as cause,
    sum(billed_cost) as amount,
    currency
from marts.fct_resource_costs
group by sku_id, billing_period, currency
having bool_or(place is null) and sum(resource_day_count) < 2 * sum(resource_count)
