-- What a unit was billed at in a month against the month of billing before: a price list made of the bills themselves.
with

months as (
    select
        provider,
        billing_account_id,
        sku_id,
        region_id,
        unit,
        currency,
        billing_period,
        cast(sum(charge_count) as bigint) as charge_count,
        cast(sum(quantity) as {{ decimal_type() }}) as quantity,
        cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
        cast(sum(agreed_cost) as {{ decimal_type() }}) as agreed_cost
    from {{ ref('observed_months') }}
    group by all
    having sum(quantity) > 0
),

priced as (
    select
        *,
        {{ unit_price_of('billed_cost', 'quantity') }} as unit_price
    from months
),

compared as (
    select
        *,
        lag(billing_period) over prices as previous_period,
        lag(unit_price) over prices as previous_unit_price
    from priced
    window prices as (
        partition by provider, billing_account_id, sku_id, region_id, unit, currency
        order by billing_period
    )
)

select
    *,
    {{ exact_product('quantity', '(unit_price - previous_unit_price)') }} as cost_change,
    coalesce(
        abs(unit_price - previous_unit_price) * 100
        > previous_unit_price * {{ var('observed_price_percent') }}
        -- a card that expects what is billed explains the price
        and (agreed_cost is null or abs(billed_cost - agreed_cost) * 100 > abs(agreed_cost)),
        false
    ) as is_silent_change
from compared
