{{ config(tags=['law']) }}
-- Law 9. Guards against figures that depend on the order of landing: whatever landed first, no file of a
-- replaced feed is in use while a newer delivery that was once current lies in the archive, and none of the
-- readable files is left out of the deliveries.
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

judged as (
    select distinct
        source,
        billing_period,
        unnest(contents) as file_id
    from {{ source('landing', 'deliveries') }}
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

union all

select
    files.source,
    files.feed,
    totals.billing_period,
    files.file_id
from {{ source('landing', 'path_contents') }} as files
inner join {{ source('landing', 'file_totals') }} as totals
    on files.source = totals.source and files.file_id = totals.file_id
left join judged
    on
        files.source = judged.source
        and files.file_id = judged.file_id
        and totals.billing_period is not distinct from judged.billing_period
where judged.file_id is null
group by files.source, files.feed, totals.billing_period, files.file_id
