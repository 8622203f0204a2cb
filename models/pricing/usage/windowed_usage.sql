-- Own usage of meters that say one thing of a window, with the window on the contract's clock.
with

usage as (
    select
        *,
        local_at as event_local_at,
        {{ meter_window('aggregation_window', 'local_at') }} as window_from
    from {{ ref('contracted_usage') }}
    where aggregation not in ('sum', 'count')
    union all by name
    select
        *,
        window_from as event_local_at
    from {{ ref('opening_levels') }}
)

select
    usage.usage_id,
    usage.meter_id,
    usage.aggregation,
    usage.direction,
    usage.counterparty,
    usage.contract_id,
    usage.contract_version,
    usage.currency,
    usage.period_anchor,
    usage.account_id,
    usage.sku_id,
    usage.unit,
    usage.quantity,
    usage.measured_value,
    {{ utc_of_zone('usage.event_local_at', 'usage.time_zone') }} as event_at,
    -- a contract that starts within a window prices it from its start
    greatest(usage.window_from, usage.contract_from) as local_at,
    {{ utc_of_zone('usage.window_from', 'usage.time_zone') }} as used_at,
    {{ utc_of_zone('usage.window_from + ' ~ meter_window_length('usage.aggregation_window'), 'usage.time_zone') }}
        as used_until,
    partitions.partition_version
from usage
inner join {{ ref('pricing_partitions') }} as partitions
    on concat_ws('|', 'own usage', cast(date_trunc('month', usage.window_from) as date)) = partitions.partition_id
where {{ is_narrowed('partitions', 'partitions.partition_version') }}
