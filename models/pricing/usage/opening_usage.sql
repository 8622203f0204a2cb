-- Usage of zero that opens a month: by it a card's fees and minimum are due, whatever is used.
with

prices as (
    select
        prices.contract_id,
        prices.contract_version,
        prices.sku_id,
        versions.effective_from,
        versions.effective_to,
        versions.proration
    from {{ ref('contract_prices') }} as prices
    inner join {{ ref('rate_versions') }} as versions
        on prices.rate_card_id = versions.rate_card_id and prices.sku_id = versions.sku_id
    where versions.flat_fee_when = 'always' or versions.minimum_amount > 0
),

-- a month has begun once any customer has used something in it
months as (
    select distinct
        cast(date_trunc('month', local_at) as date) as billing_period,
        cast(date_trunc('month', local_at) + interval 1 month as date) as next_period
    from {{ ref('contracted_usage') }}
),

opened as (
    select
        contracts.direction,
        contracts.counterparty,
        contracts.contract_id,
        contracts.contract_version,
        contracts.currency,
        contracts.time_zone,
        contracts.period_anchor,
        contracts.account_id,
        prices.sku_id,
        prices.proration,
        months.billing_period,
        months.next_period,
        greatest(months.billing_period, cast(contracts.effective_from as date)) as due_from,
        least(months.next_period, cast(contracts.effective_to as date)) as due_to,
        cast(greatest(months.billing_period, contracts.effective_from, prices.effective_from) as timestamp) as local_at
    from months
    inner join {{ ref('account_contracts') }} as contracts
        on
            contracts.direction != 'payable'
            and months.next_period > contracts.effective_from
            and months.billing_period < contracts.effective_to
    inner join prices
        on
            contracts.contract_id = prices.contract_id
            and contracts.contract_version = prices.contract_version
            and prices.effective_from < least(months.next_period, contracts.effective_to)
            and prices.effective_to > greatest(months.billing_period, contracts.effective_from)
)

select
    direction,
    counterparty,
    contract_id,
    contract_version,
    currency,
    period_anchor,
    account_id,
    sku_id,
    cast(0 as {{ decimal_type() }}) as quantity,
    local_at,
    {{ utc_of_zone('local_at', 'time_zone') }} as used_at,
    {{ utc_of_zone('cast(due_to as timestamp)', 'time_zone') }} as used_until,
    {{ prorated_length('proration', 'due_from', 'due_to', 'time_zone') }} as due_part,
    {{ prorated_length('proration', 'billing_period', 'next_period', 'time_zone') }} as due_whole
from opened
