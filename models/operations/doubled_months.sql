-- One account's month under two names: all rows and all money equal, so that every charge counts twice.
with

months as (
    select
        source,
        feed,
        billing_period,
        provider,
        billing_account_id,
        billing_currency as currency,
        sum(charge_count) as charge_count,
        sum(billed_cost) as billed_cost,
        sum(effective_cost) as effective_cost
    from {{ ref('charge_hours') }}
    group by source, feed, billing_period, provider, billing_account_id, billing_currency
)

select
    later.source,
    later.feed,
    later.billing_period,
    later.provider,
    later.billing_account_id,
    later.currency,
    earlier.feed as counted_in_feed,
    later.charge_count,
    cast(later.billed_cost as {{ decimal_type() }}) as billed_cost
from months as later
inner join months as earlier
    on
        later.source = earlier.source
        and later.feed > earlier.feed
        and later.billing_period = earlier.billing_period
        and later.provider = earlier.provider
        and later.billing_account_id = earlier.billing_account_id
        and later.currency = earlier.currency
        and later.charge_count = earlier.charge_count
        and later.billed_cost = earlier.billed_cost
        and later.effective_cost = earlier.effective_cost
where later.billed_cost != 0 or later.effective_cost != 0
qualify
    row_number() over (
        partition by
            later.source, later.feed, later.billing_period, later.provider, later.billing_account_id, later.currency
        order by earlier.feed
    ) = 1
