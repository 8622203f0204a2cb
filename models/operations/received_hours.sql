{{ config(materialized='view') }}

-- What is there: charges and usage events by the hour, other records by the unit that their source declares.
with

deliveries as (
    select
        source,
        feed,
        billing_period,
        delivery_id,
        max(delivered_at) as delivered_at,
        max(row_count) as row_count
    from {{ source('landing', 'deliveries') }}
    where status = 'current'
    group by source, feed, billing_period, delivery_id
),

charged as (
    select
        hours.source,
        hours.feed,
        hours.provider,
        hours.billing_currency as currency,
        hours.billing_period,
        hours.charge_hour as received_hour,
        deliveries.delivered_at,
        hours.usage_count as row_count,
        hours.usage_cost as billed_cost
    from {{ ref('charge_hours') }} as hours
    inner join deliveries on hours.source = deliveries.source and hours.delivery_id = deliveries.delivery_id
    where hours.usage_count > 0
),

recorded as (
    select
        deliveries.source,
        deliveries.feed,
        deliveries.source as provider,
        cast(null as varchar) as currency,
        deliveries.billing_period,
        cast(deliveries.billing_period as timestamp) as received_hour,
        deliveries.delivered_at,
        deliveries.row_count,
        cast(null as {{ decimal_type() }}) as billed_cost
    from deliveries
    inner join {{ source('landing', 'sources') }} as sources on deliveries.source = sources.source
    where
        sources.holds = 'records'
        and deliveries.source != 'usage_events'
        and deliveries.billing_period is not null
        and deliveries.row_count > 0
),

files as (
    select
        file_id,
        min(delivered_at) as delivered_at
    from {{ source('landing', 'path_contents') }}
    group by file_id
),

metered as (
    select
        partitions.source,
        partitions.feed,
        partitions.source as provider,
        cast(null as varchar) as currency,
        partitions.billing_period,
        hours.usage_hour as received_hour,
        files.delivered_at,
        hours.usage_count as row_count,
        cast(null as {{ decimal_type() }}) as billed_cost
    from {{ ref('usage_hours') }} as hours
    inner join {{ ref('usage_partitions') }} as partitions on hours.partition_version = partitions.partition_version
    inner join files on hours.file_id = files.file_id
)

select * from charged
union all
select * from recorded
union all
select * from metered
