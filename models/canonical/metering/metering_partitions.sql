{{ config(materialized='table') }}

-- A vendor's month is compared anew with our metering when its charges, or the events of the feeds that report of its
-- accounts, change: those of the month and of the two beside it, which its days may reach into.
with

reported as (
    select distinct
        periods.partition_id,
        metered.feed
    from {{ ref('sku_periods') }} as periods
    left join {{ ref('known_skus') }} as known
        on periods.source = known.source and periods.sku_id = known.sku_id
    inner join {{ ref('metered_resources') }} as metered
        on
            periods.account_id = metered.account_id
            and coalesce(known.known_sku_id, periods.sku_id) = metered.sku_id
)

select
    partitions.partition_id,
    partitions.source,
    partitions.feed,
    partitions.billing_period,
    partitions.partition_version as charges_version,
    md5(concat_ws(
        '|', partitions.partition_version,
        string_agg(events.partition_version, ',' order by events.partition_version),
        (
            select
                string_agg(
                    concat_ws('>', known.sku_id, known.known_sku_id, known.valid_from), ','
                    order by known.sku_id, known.valid_from
                )
            from {{ ref('known_skus') }} as known
        )
    )) as partition_version
from {{ ref('partitions') }} as partitions
inner join reported on partitions.partition_id = reported.partition_id
inner join {{ ref('usage_partitions') }} as events
    on
        reported.feed = events.feed
        and events.source = 'usage_events'
        and events.billing_period >= partitions.billing_period - interval 1 month
        and events.billing_period <= partitions.billing_period + interval 1 month
group by
    partitions.partition_id, partitions.source, partitions.feed, partitions.billing_period,
    partitions.partition_version
