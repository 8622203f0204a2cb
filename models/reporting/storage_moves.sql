-- Exports do not say that data moved: less than three quarters of it is left where it was from some day on, and on that
-- day about as much is first kept in the same account and region, in the same unit, for less. A week to either side
-- tells how much there is.
with

days as (
    select
        provider,
        billing_currency,
        account_id,
        region_id,
        resource_id,
        sku_id,
        tier,
        unit,
        usage_date,
        sum(quantity) as quantity,
        sum(effective_cost) as effective_cost
    from {{ ref('storage_days') }}
    where is_stored
    group by all
),

weeks as (
    select
        *,
        usage_date = min(usage_date) over (
            partition by provider, billing_currency, account_id, region_id, resource_id, sku_id, tier, unit
        ) as is_first_day,
        list(quantity) over (
            partition by provider, billing_currency, account_id, region_id, resource_id, sku_id, tier, unit
            order by usage_date range between interval 7 day preceding and interval 1 day preceding
        ) as quantities_before,
        list(quantity) over (
            partition by provider, billing_currency, account_id, region_id, resource_id, sku_id, tier, unit
            order by usage_date range between current row and interval 6 day following
        ) as quantities_after
    from days
),

levels as (
    select
        *,
        {{ middle_of('quantities_before') }} as quantity_before,
        {{ middle_of('quantities_after') }} as quantity_after,
        {{ exact_ratio('1000000 * effective_cost', 'quantity') }} as cost_per_million
    from weeks
),

falls as (
    select
        *,
        quantity_before - quantity_after as quantity_gone
    from levels
    where len(quantities_before) >= 3 and 4 * quantity_after < 3 * quantity_before
)

select
    {{ identity([
        'arrivals.provider', 'arrivals.account_id', 'arrivals.resource_id', 'arrivals.sku_id', 'arrivals.tier',
        'arrivals.unit', 'arrivals.billing_currency', 'arrivals.region_id',
    ]) }} as move_id,
    arrivals.provider,
    arrivals.billing_currency,
    arrivals.account_id,
    arrivals.region_id,
    arrivals.usage_date as moved_on,
    falls.resource_id as from_resource_id,
    falls.sku_id as from_sku_id,
    falls.tier as from_tier,
    arrivals.resource_id as to_resource_id,
    arrivals.sku_id as to_sku_id,
    arrivals.tier as to_tier,
    arrivals.unit
from levels as arrivals
inner join falls
    on
        arrivals.provider = falls.provider
        and arrivals.billing_currency = falls.billing_currency
        and arrivals.account_id = falls.account_id
        and arrivals.region_id is not distinct from falls.region_id
        and arrivals.unit = falls.unit
        and arrivals.usage_date = falls.usage_date
where
    arrivals.is_first_day
    and arrivals.cost_per_million < falls.cost_per_million
    and 5 * abs(falls.quantity_gone - arrivals.quantity_after) <= arrivals.quantity_after
qualify row_number() over (
    partition by move_id order by abs(falls.quantity_gone - arrivals.quantity_after), falls.resource_id, falls.sku_id
) = 1
