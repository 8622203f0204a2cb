-- Where is usage counted by samples, how far off may the estimate be, and does it lean away from what is billed?
select
    billing_period,
    account_id,
    tier,
    meter_id,
    sku_id,
    resource_id,
    unit,
    lowest_sampling_rate,
    quantity as estimated_quantity,
    cast(round(error_bound, 6) as decimal(38, 6)) as error_bound_quantity,
    tolerance_percent,
    is_within_tolerance,
    billed_quantity,
    bias_quantity,
    round({{ exact_ratio('100 * bias_quantity', 'billed_quantity') }}, 2) as bias_percent,
    is_biased,
    variance_amount,
    currency
from {{ ref('fct_sampled_usage') }}
order by
    billing_period asc, abs(variance_amount) desc, account_id asc, meter_id asc, resource_id asc, unit asc, currency asc
