-- Did a transaction cost more on a resource's new size than on the one before, and by more than days differ?
select
    changed_on,
    product,
    resource_id,
    metric,
    currency,
    a_sku_id,
    a_day_count,
    a_unit_cost,
    b_sku_id,
    b_day_count,
    b_unit_cost,
    unit_cost_difference,
    round(difference_percent, 2) as difference_percent,
    difference_low,
    difference_high,
    is_beyond_scatter,
    excess_cost
from {{ ref('fct_unit_cost_trials') }}
order by changed_on asc, product asc, resource_id asc, metric asc
