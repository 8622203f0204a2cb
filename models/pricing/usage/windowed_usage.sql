-- Own usage of meters that say one thing of a window, with the window on the contract's clock.
with

usage as (
    select
        *,
        date_trunc(
            case aggregation_window when 'event' then 'month' else aggregation_window end, local_at
        ) as window_from
    from {{ ref('contracted_usage') }}
    where aggregation not in ('sum', 'count')
)

select
    usage.* exclude (window_from, local_at, used_at),
    usage.used_at as event_at,
    -- a contract that starts within a window prices it from its start
    greatest(usage.window_from, usage.contract_from) as local_at,
    {{ utc_of_zone('usage.window_from', 'usage.time_zone') }} as used_at,
    {{ utc_of_zone(
        "usage.window_from + case usage.aggregation_window
            when 'hour' then interval 1 hour when 'day' then interval 1 day else interval 1 month end",
        'usage.time_zone'
    ) }} as used_until,
    partitions.partition_version
from usage
inner join {{ ref('pricing_partitions') }} as partitions
    on concat_ws('|', 'own usage', cast(date_trunc('month', usage.window_from) as date)) = partitions.partition_id
where {{ is_narrowed('partitions', 'partitions.partition_version') }}
