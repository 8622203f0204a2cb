-- Unit cost is a ratio of totals. A day's deviation is its cost less what its units cost at that ratio; the standard
-- error of the ratio is that of the mean deviation, over the mean of units.
with

counted as (
    select
        metric_date,
        metric,
        product,
        cast(sum(value) as {{ decimal_type() }}) as unit_count
    from {{ ref('stg_business_metrics__metric_values') }}
    where product is not null
    group by metric_date, metric, product
),

days as (
    select
        trials.trial_id,
        counted.metric,
        trials.arm,
        trials.usage_date,
        trials.sku_id,
        trials.unit,
        trials.effective_cost,
        counted.unit_count
    from {{ ref('trial_days') }} as trials
    inner join counted on trials.product = counted.product and trials.usage_date = counted.metric_date
    where trials.arm is not null
),

arms as (
    select
        trial_id,
        metric,
        arm,
        min(usage_date) as first_date,
        max(usage_date) as last_date,
        count(*) as day_count,
        arg_max(sku_id, (usage_date, sku_id)) as sku_id,
        arg_max(unit, (usage_date, sku_id)) as unit,
        cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost,
        cast(sum(unit_count) as {{ decimal_type() }}) as unit_count,
        {{ unit_price_of('sum(effective_cost)', 'sum(unit_count)') }} as unit_cost
    from days
    group by trial_id, metric, arm
    having sum(unit_count) > 0
),

scattered as (
    select
        arms.trial_id,
        arms.metric,
        arms.arm,
        var_samp(days.effective_cost - {{ exact_product('arms.unit_cost', 'days.unit_count') }}) as squared_deviation
    from days
    inner join arms on days.trial_id = arms.trial_id and days.metric = arms.metric and days.arm = arms.arm
    group by arms.trial_id, arms.metric, arms.arm
)

select
    arms.*,
    sqrt(scattered.squared_deviation * arms.day_count) / arms.unit_count as unit_cost_stderr
from arms
inner join scattered
    on arms.trial_id = scattered.trial_id and arms.metric = scattered.metric and arms.arm = scattered.arm
