{{ config(materialized='table') }}

-- Charges are priced by their partition; own usage by the month, whatever feeds it came in. A month on a contract's
-- clock may reach into the days beside it; a card that fills up over several months, or a meter of a level, needs those
-- before. Beside charges counts what our metering says of them, and what their SKUs are known by.
with

usage_months as (
    select distinct cast(date_trunc('month', usage_hour) as date) as billing_period
    from {{ ref('usage_hours') }}
),

-- what names of SKUs mean, as far as a month reaches
names as (
    select
        partitions.partition_id,
        string_agg(
            concat_ws('>', known.sku_id, known.known_sku_id, known.is_resolved, known.valid_from, known.valid_to), ','
            order by known.sku_id, known.valid_from
        ) as contents
    from {{ ref('partitions') }} as partitions
    inner join {{ ref('known_skus') }} as known
        on
            partitions.source = known.source
            and known.valid_from < partitions.billing_period + interval 1 month + interval 1 day
    group by partitions.partition_id
),

own_inputs as (
    select
        partitions.partition_id,
        concat_ws('|', partitions.source, partitions.feed) as feed,
        'payable' as direction,
        partitions.billing_period,
        partitions.partition_version as input_version,
        concat_ws('|', metering.contents, names.contents) as beside
    from {{ ref('partitions') }} as partitions
    left join {{ ref('metering_profile') }} as metering on partitions.partition_id = metering.partition_id
    left join names on partitions.partition_id = names.partition_id
    union all
    select distinct
        concat_ws('|', 'own usage', usage_months.billing_period) as partition_id,
        'own usage' as feed,
        'receivable' as direction,
        usage_months.billing_period,
        hours.partition_version as input_version,
        '' as beside
    from usage_months
    inner join {{ ref('usage_hours') }} as hours
        on
            hours.usage_hour >= usage_months.billing_period - interval 1 day
            and hours.usage_hour < usage_months.billing_period + interval 1 month + interval 1 day
),

longest as (
    select
        exists (
            select 1 from {{ ref('rate_versions') }}
            where reset in ('quarter', 'year', 'never')
        )
        or exists (
            select 1 from {{ ref('meters') }}
            where aggregation = 'weighted_sum'
        ) as is_beyond_month
)

select distinct
    partitions.partition_id,
    partitions.feed,
    partitions.direction,
    partitions.billing_period,
    inputs.billing_period as input_period,
    inputs.input_version,
    inputs.beside
from own_inputs as partitions
cross join longest
inner join own_inputs as inputs
    on
        partitions.feed = inputs.feed
        and (
            partitions.billing_period = inputs.billing_period
            or (longest.is_beyond_month and partitions.billing_period > inputs.billing_period)
        )
