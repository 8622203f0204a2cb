-- Own metering of what vendors' contracts include, by the price of those contracts: seats and agents that report, say.
-- Vendors bill it by lines of their own, so that no charge is expected for it here.
with

terms as (
    select distinct
        contract_id,
        account_id,
        meter_id,
        currency,
        time_zone,
        period_anchor
    from {{ ref('entitlement_terms') }}
    where direction = 'payable'
),

reports as (
    select
        terms.*,
        meters.aggregation,
        meters.sku_id,
        events.usage_id,
        events.quantity,
        events.measured_value,
        events.usage_start,
        events.file_id,
        {{ local_of_utc('events.usage_start', 'terms.time_zone') }} as local_at,
        {{ meter_window('meters.aggregation_window', local_of_utc('events.usage_start', 'terms.time_zone')) }}
            as window_from,
        {{ meter_window_length('meters.aggregation_window') }} as window_length
    from terms
    inner join {{ ref('meters') }} as meters on terms.meter_id = meters.meter_id
    inner join {{ ref('usage') }} as events
        on terms.meter_id = events.meter_id and terms.account_id = events.account_id
),

quantities as (
    select
        {{ identity(['contract_id', 'account_id', 'meter_id', 'usage_id']) }} as priced_id,
        * exclude (measured_value, window_from, window_length, usage_start, time_zone),
        usage_start as used_at,
        usage_start as used_to
    from reports
    where aggregation in ('sum', 'count')
    union all by name
    select
        {{ identity(['contract_id', 'account_id', 'meter_id', 'window_from']) }} as priced_id,
        contract_id,
        account_id,
        meter_id,
        currency,
        period_anchor,
        aggregation,
        sku_id,
        cast(case aggregation
            when 'unique_count' then count(distinct measured_value)
            when 'latest' then max_by(quantity, usage_start)
            else max(quantity)
        end as {{ decimal_type() }}) as quantity,
        window_from as local_at,
        {{ utc_of_zone('window_from', 'time_zone') }} as used_at,
        {{ utc_of_zone('window_from + window_length', 'time_zone') }} as used_to
    from reports
    where aggregation in ('max', 'latest', 'unique_count')
    group by
        contract_id, account_id, meter_id, currency, period_anchor, aggregation, sku_id, time_zone, window_from,
        window_length
)

select
    quantities.*,
    prices.rate_card_id,
    coalesce(prices.contract_discount, 0) as contract_discount,
    case when quantities.local_at < versions.effective_to then versions.rate_version end as rate_version,
    versions.effective_from as rate_effective_from,
    case when versions.aggregation_scope = 'contract' then '' else quantities.account_id end as scope_id,
    {{ reset_window('versions.reset', 'cast(quantities.local_at as date)', 'quantities.period_anchor') }}
        as window_start
from quantities
left join {{ ref('contract_versions') }} as contracts
    on
        quantities.contract_id = contracts.contract_id
        and quantities.local_at >= contracts.effective_from
        and quantities.local_at < contracts.effective_to
left join {{ ref('contract_prices') }} as prices
    on
        contracts.contract_id = prices.contract_id
        and contracts.contract_version = prices.contract_version
        and quantities.sku_id = prices.sku_id
asof left join {{ ref('rate_versions') }} as versions
    on
        prices.rate_card_id = versions.rate_card_id
        and prices.sku_id = versions.sku_id
        and quantities.local_at >= versions.effective_from
