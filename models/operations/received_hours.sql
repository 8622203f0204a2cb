-- What is there: charges by the hour, records by the unit that their source declares.
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
    where sources.holds = 'records' and deliveries.billing_period is not null and deliveries.row_count > 0
)

select * from charged
union all
select * from recorded
