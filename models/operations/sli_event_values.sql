-- Indicators that count what must not happen: no event is a value of 0.
with

windows as (
    select * from {{ ref('sli_windows') }}
)

select
    windows.sli_id,
    cast(count(changes.file_id) as decimal(38, 6)) as sli_value
from windows
left join {{ ref('schema_changes') }} as changes
    on
        changes.is_breaking
        and windows.window_starts_at < changes.found_at
        and windows.window_ends_at >= changes.found_at
where windows.sli_id = 'EM9'
group by windows.sli_id
union all
select
    windows.sli_id,
    cast(coalesce(sum(violations.violation_count), 0) as decimal(38, 6)) as sli_value
from windows
left join {{ ref('access_violations') }} as violations
    on windows.window_starts_at < violations.found_at and windows.window_ends_at >= violations.found_at
where windows.sli_id = 'EM10'
group by windows.sli_id
