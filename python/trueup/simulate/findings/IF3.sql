-- SKUs whose public price is another than the landed list says.
select
    sku_id as subject,
    cast(date_trunc('month', first_charged_at) as date) as billing_period,
    'price' as cause,
    sum(cost_change) as amount,
    currency
from marts.fct_price_changes
group by all
