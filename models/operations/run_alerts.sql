-- What of the runs, the machine and the indicators somebody has to look after.
with

last_landing as (
    select run_id
    from {{ ref('refresh_runs') }}
    where step = 'land'
    order by started_at desc
    limit 1
),

last_runs as (
    select
        run_id,
        bool_or(status = 'failed') as is_failed
    from {{ ref('refresh_runs') }}
    group by run_id
    order by min(started_at) desc
    limit 10
),

indicators as (
    select
        rules.rule_id,
        rules.rule_id as group_key,
        concat_ws(' ', slis.name, 'is', slis.sli_value, slis.unit || ', more than', rules.threshold) as title,
        slis.definition as evidence
    from {{ ref('slis') }} as slis
    inner join {{ ref('alert_rules') }} as rules
        on slis.sli_id = rules.sli_id and slis.sli_value > rules.threshold
),

failed_reads as (
    select
        'read_failure' as rule_id,
        failures.source as group_key,
        concat_ws(' ', failures.source, 'could not be read,', count(*), 'times') as title,
        string_agg(failures.path || ': ' || failures.reason, '; ' order by failures.path) as evidence
    from {{ ref('read_failures') }} as failures
    inner join last_landing on failures.run_id = last_landing.run_id
    group by failures.source
),

violations as (
    select
        'access_violation' as rule_id,
        concat_ws('/', violations.kind, violations.place) as group_key,
        concat_ws(' ', violations.place || ':', replace(violations.kind, '_', ' ')) as title,
        concat_ws(
            ' ', sum(violations.violation_count), 'times, last at', max(violations.found_at) || ',',
            max_by(violations.path, violations.found_at)
        ) as evidence
    from {{ ref('access_violations') }} as violations
    inner join {{ ref('sli_windows') }} as windows
        on
            windows.sli_id = 'EM10'
            and violations.found_at > windows.window_starts_at
            and violations.found_at <= windows.window_ends_at
    group by violations.kind, violations.place
),

refreshes as (
    select
        rules.rule_id,
        rules.rule_id as group_key,
        concat_ws(' ', count(*) filter (where last_runs.is_failed), 'of the last', count(*), 'runs failed') as title,
        string_agg(last_runs.run_id, ', ' order by last_runs.run_id) filter (where last_runs.is_failed) as evidence
    from last_runs
    inner join {{ ref('alert_rules') }} as rules on rules.rule_id = 'refresh_success'
    group by rules.rule_id, rules.threshold
    having count(*) filter (where not last_runs.is_failed) * 100 < rules.threshold * count(*)
)

select * from indicators
union all
select * from failed_reads
union all
select * from violations
union all
select * from refreshes
