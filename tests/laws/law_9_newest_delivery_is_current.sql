{{ config(tags=['law']) }}
-- Law 9. Guards against figures that depend on the order of landing: whatever landed first, no file of a
-- replaced feed is in use while a newer delivery that was once current lies in the archive.
with

delivered as (
    select
        source,
        feed,
        billing_period,
        unnest(contents) as file_id,
        delivered_at
    from {{ source('landing', 'deliveries') }}
    where delivery_kind = 'replace' and status in ('current', 'superseded') and len(missing_files) = 0
),

used as (
    select distinct
        source,
        feed,
        billing_period,
        file_id
    from {{ ref('fct_charges') }}
),

newest as (
    select
        source,
        feed,
        billing_period,
        max(delivered_at) as delivered_at
    from delivered
    group by source, feed, billing_period
)

select
    used.source,
    used.feed,
    used.billing_period,
    used.file_id
from used
inner join newest
    on
        used.source = newest.source
        and used.feed = newest.feed
        and used.billing_period = newest.billing_period
left join delivered
    on
        used.source = delivered.source
        and used.feed = delivered.feed
        and used.billing_period = delivered.billing_period
        and used.file_id = delivered.file_id
group by used.source, used.feed, used.billing_period, used.file_id, newest.delivered_at
having max(delivered.delivered_at) is distinct from newest.delivered_at
