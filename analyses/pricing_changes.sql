-- Which prices did vendors change since the month before, what does it cost, and what of it is in no rate of ours?
with

prices as (
    select
        billing_period,
        provider,
        sku_id,
        unit,
        currency,
        max(previous_period) as previous_period,
        sum(quantity) as quantity,
        sum(billed_cost) as billed_cost,
        sum(billed_cost - cost_change) as cost_at_previous_price,
        sum(cost_change) as cost_change,
        bool_or(is_silent_change) as is_silent_change
    from {{ ref('fct_observed_prices') }}
    where cost_change != 0
    group by billing_period, provider, sku_id, unit, currency
),

variances as (
    select
        billing_period,
        counterparty,
        sku_id,
        currency,
        sum(rate_variance) as rate_variance
    from {{ ref('fct_reconciliation_diffs') }}
    where direction = 'payable'
    group by billing_period, counterparty, sku_id, currency
)

select
    prices.billing_period,
    prices.provider,
    prices.sku_id,
    prices.unit,
    prices.currency,
    prices.previous_period,
    {{ unit_price_of('prices.cost_at_previous_price', 'prices.quantity') }} as previous_unit_price,
    {{ unit_price_of('prices.billed_cost', 'prices.quantity') }} as unit_price,
    round({{ exact_ratio('100 * prices.cost_change', 'prices.cost_at_previous_price') }}, 2) as change_percent,
    prices.quantity,
    prices.billed_cost,
    prices.cost_change,
    prices.is_silent_change,
    coalesce(variances.rate_variance, 0) as rate_variance
from prices
left join variances
    on
        prices.billing_period = variances.billing_period
        and prices.provider = variances.counterparty
        and prices.sku_id = variances.sku_id
        and prices.currency = variances.currency
order by abs(prices.cost_change) desc, prices.billing_period asc, prices.sku_id asc
