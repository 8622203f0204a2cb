-- Indicators of what arrives; an indicator without anything to measure has no row.
with

windows as (
    select * from {{ ref('sli_windows') }}
),

days as (
    select * from {{ ref('completeness') }}
),

-- Files that a feed delivered after it was first landed; what came before that is history.
landed as (
    select
        source,
        feed,
        delivered_at,
        landed_at,
        {{ whole_units_between('delivered_at', 'landed_at', 'minute') }} as minutes
    from {{ source('landing', 'files') }}
    where status = 'archived'
    qualify delivered_at >= min(landed_at) over (partition by source, feed)
),

export_success as (
    select
        windows.sli_id,
        sum(days.parts_expected - days.parts_missing) as measured,
        sum(days.parts_expected) as base
    from windows
    inner join days
        on
            windows.window_starts_at < days.due_at
            and windows.window_ends_at >= days.due_at
    where windows.sli_id = 'EM1'
    group by windows.sli_id
),

export_latency as (
    select
        windows.sli_id,
        {{ quantile_of('greatest(landed.minutes, 0)', 0.95) }} as measured,
        60 as base
    from windows
    inner join landed
        on
            windows.window_starts_at < landed.delivered_at
            and windows.window_ends_at >= landed.delivered_at
    where windows.sli_id = 'EM2'
    group by windows.sli_id
),

backlog as (
    select
        windows.sli_id,
        max(days.hours_overdue) as measured,
        1 as base
    from windows
    inner join days
        on
            windows.window_starts_at < days.due_at
            and windows.window_ends_at >= days.due_at
    where windows.sli_id = 'EM6'
    group by windows.sli_id
)

select
    sli_id,
    {{ exact_ratio('measured * 100', 'base') }} as sli_value
from export_success
union all
select
    sli_id,
    {{ exact_ratio('measured', 'base') }} as sli_value
from export_latency
union all
select
    sli_id,
    {{ exact_ratio('measured', 'base') }} as sli_value
from backlog
