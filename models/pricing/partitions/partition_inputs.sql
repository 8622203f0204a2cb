{{ config(materialized='table') }}

-- Charges are priced by their partition; own usage by the month, whatever feeds it came in. A month on a contract's
-- clock may reach into the days beside it; a card that fills up over several months, or a meter of a level, needs those
-- before.
with

usage_months as (
    select distinct cast(date_trunc('month', usage_hour) as date) as billing_period
    from {{ ref('usage_hours') }}
),

own_inputs as (
    select
        partition_id,
        concat_ws('|', source, feed) as feed,
        'payable' as direction,
        billing_period,
        partition_version as input_version
    from {{ ref('partitions') }}
    union all
    select distinct
        concat_ws('|', 'own usage', usage_months.billing_period) as partition_id,
        'own usage' as feed,
        'receivable' as direction,
        usage_months.billing_period,
        hours.partition_version as input_version
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
    inputs.input_version
from own_inputs as partitions
cross join longest
inner join own_inputs as inputs
    on
        partitions.feed = inputs.feed
        and (
            partitions.billing_period = inputs.billing_period
            or (longest.is_beyond_month and partitions.billing_period > inputs.billing_period)
        )
