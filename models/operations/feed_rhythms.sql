-- How often a feed delivers, by its own history: the middle one of the gaps between the days of its deliveries. The
-- rhythm is the longest one that the gap reaches; a feed that delivers every day or more often has none.
with

delivered_days as (
    select distinct
        source,
        feed,
        cast(delivered_at as date) as delivered_on
    from {{ source('landing', 'deliveries') }}
    where status in ('current', 'superseded')
),

gaps as (
    select
        source,
        feed,
        delivered_on - lag(delivered_on) over (partition by source, feed order by delivered_on) as gap_days
    from delivered_days
),

usual as (
    select
        source,
        feed,
        {{ quantile_of('gap_days') }} as usual_gap_days
    from gaps
    where gap_days is not null
    group by source, feed
)

select
    usual.source,
    usual.feed,
    usual.usual_gap_days,
    rhythms.rhythm,
    rhythms.waits_for_month,
    rhythms.max_lag_hours
from usual
inner join {{ ref('delivery_rhythms') }} as rhythms on usual.usual_gap_days >= rhythms.from_gap_days
qualify row_number() over (partition by usual.source, usual.feed order by rhythms.from_gap_days desc) = 1
