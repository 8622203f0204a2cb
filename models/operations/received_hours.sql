-- What is there, from charges by the hour and from records by the unit that their source declares.
with

deliveries as (
    select * from {{ source('landing', 'deliveries') }}
    where status = 'current'
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
    inner join deliveries
        on
            hours.source = deliveries.source
            and hours.feed = deliveries.feed
            and hours.billing_period = deliveries.billing_period
            and hours.delivery_id = deliveries.delivery_id
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
