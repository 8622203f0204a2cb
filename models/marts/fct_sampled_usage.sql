select
    {{ identity([
        'estimates.account_id', 'estimates.meter_id', 'estimates.sku_id', 'estimates.agent_resource',
        'estimates.billing_period', 'estimates.unit', 'billed.currency'
    ]) }} as sampled_usage_id,
    estimates.account_id,
    estimates.meter_id,
    estimates.sku_id,
    coalesce(billed.resource_id, nullif(estimates.agent_resource, '')) as resource_id,
    estimates.billing_period,
    estimates.unit,
    estimates.event_count,
    estimates.sampled_count,
    estimates.lowest_sampling_rate,
    estimates.quantity_measured,
    estimates.quantity,
    estimates.quantity_stderr,
    estimates.error_bound_stderr as error_bound,
    estimates.tier,
    estimates.tolerance_percent,
    estimates.error_bound_stderr <= abs(estimates.quantity) * estimates.tolerance_percent * 0.01 as is_within_tolerance,
    billed.line_count,
    billed.billed_quantity,
    billed.estimated_quantity,
    billed.bias_quantity,
    billed.bias_stderr,
    abs(billed.bias_quantity) > estimates.standard_errors * billed.bias_stderr as is_biased,
    billed.variance_amount,
    billed.currency
from {{ ref('sampled_estimates') }} as estimates
left join {{ ref('sampled_lines') }} as billed
    on
        estimates.account_id = billed.account_id
        and estimates.sku_id = billed.sku_id
        and estimates.agent_resource = billed.agent_resource
        and estimates.billing_period = billed.billing_period
