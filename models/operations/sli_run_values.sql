-- Indicators of runs, of what came late, and of lineage; an indicator without anything to measure has no row.
with

windows as (
    select * from {{ ref('sli_windows') }}
),

runs as (
    select
        run_id,
        max(as_of) as as_of,
        bool_or(status = 'failed') as is_failed
    from {{ ref('refresh_runs') }}
    group by run_id
),

files as (
    select distinct file_id from {{ ref('landed_files') }}
),

charged as (
    select
        windows.sli_id,
        charges.file_row,
        files.file_id as known_file_id
    from {{ ref('charges') }} as charges
    inner join windows
        on
            windows.sli_id = 'RM10'
            and charges.billing_period + interval 1 month > windows.window_starts_at
            and charges.billing_period <= windows.window_ends_at
    left join files on charges.file_id = files.file_id
)

select
    windows.sli_id,
    {{ exact_ratio('count(*) filter (where not runs.is_failed) * 100', 'count(*)') }} as sli_value
from windows
inner join runs on windows.window_starts_at < runs.as_of and windows.window_ends_at >= runs.as_of
where windows.sli_id = 'RM8'
group by windows.sli_id
union all
select
    windows.sli_id,
    cast(count(*) filter (where parts.status = 'late') as decimal(38, 6)) as sli_value
from windows
inner join {{ ref('completeness') }} as parts
    on windows.window_starts_at < parts.due_at and windows.window_ends_at >= parts.due_at
where windows.sli_id = 'RM9'
group by windows.sli_id
union all
select
    sli_id,
    {{ exact_ratio('count(file_row) filter (where known_file_id is not null) * 100', 'count(*)') }} as sli_value
from charged
group by sli_id
