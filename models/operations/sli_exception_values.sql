-- Indicators of how exceptions are worked off. What a rule resolves at once took nobody's time.
select
    windows.sli_id,
    {{ exact_ratio('sum(exceptions.age_hours)', 'count(*)') }} as sli_value
from {{ ref('sli_windows') }} as windows
inner join {{ ref('exceptions') }} as exceptions
    on
        windows.window_starts_at < exceptions.resolved_at
        and windows.window_ends_at >= exceptions.resolved_at
where windows.sli_id = 'RM5' and (exceptions.status != 'auto_resolved' or exceptions.amount_at_risk = 0)
group by windows.sli_id
union all
select
    windows.sli_id,
    cast(count(disputes.dispute_id) as decimal(38, 6)) as sli_value
from {{ ref('sli_windows') }} as windows
left join {{ ref('disputes') }} as disputes
    on disputes.outcome = 'open' and windows.window_ends_at >= disputes.opened_at
where windows.sli_id = 'BM10'
group by windows.sli_id
union all
select
    windows.sli_id,
    cast(count(disputes.dispute_id) as decimal(38, 6)) as sli_value
from {{ ref('sli_windows') }} as windows
left join {{ ref('disputes') }} as disputes
    on
        disputes.kind = 'allocation'
        and disputes.outcome = 'open'
        and windows.window_ends_at >= disputes.opened_at
where windows.sli_id = 'IM6'
group by windows.sli_id
