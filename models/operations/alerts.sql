with

findings as (
    select * from {{ ref('delivery_alerts') }}
    union all
    select * from {{ ref('run_alerts') }}
    union all
    select * from {{ ref('exception_alerts') }}
),

open_windows as (
    select unnest(string_split(coalesce(scope, '*'), ';')) as pattern
    from {{ ref('stg_maintenance_windows__windows') }}
    where starts_at <= {{ as_of() }} and ends_at > {{ as_of() }}
),

silent as (
    select distinct
        findings.rule_id,
        findings.group_key
    from findings
    inner join open_windows
        on findings.rule_id glob trim(open_windows.pattern) or findings.group_key glob trim(open_windows.pattern)
)

select
    {{ identity(['findings.rule_id', 'findings.group_key']) }} as alert_id,
    findings.rule_id,
    rules.severity,
    findings.group_key,
    findings.title,
    findings.evidence,
    rules.runbook,
    silent.rule_id is not null as silenced
from findings
inner join {{ ref('alert_rules') }} as rules on findings.rule_id = rules.rule_id
left join silent on findings.rule_id = silent.rule_id and findings.group_key = silent.group_key
where
    cast({{ as_of() }} as date) >= rules.valid_from
    and cast({{ as_of() }} as date) < coalesce(rules.valid_to, date '9999-12-31')
