-- Guards against cents that rounding drops or makes up: all statements of a month and currency sum to what is billed,
-- as near as the currency's subunit allows.
with

totals as (
    select
        billing_period,
        currency,
        sum(billed_cost) as billed_cost,
        sum(billed_amount) as billed_amount,
        sum(effective_cost) as effective_cost,
        sum(effective_amount) as effective_amount
    from {{ ref('fct_chargeback_statements') }}
    group by billing_period, currency
)

select totals.*
from totals
left join {{ ref('currencies') }} as currencies on totals.currency = currencies.currency
where
    abs(totals.billed_cost - totals.billed_amount) * 2 > coalesce(currencies.subunit, 0.01)
    or abs(totals.effective_cost - totals.effective_amount) * 2 > coalesce(currencies.subunit, 0.01)
