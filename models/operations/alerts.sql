with

findings as (
    select * from {{ ref('delivery_alerts') }}
    union all
    select * from {{ ref('run_alerts') }}
)

select
    {{ identity(['findings.rule_id', 'findings.group_key']) }} as alert_id,
    findings.rule_id,
    rules.severity,
    findings.group_key,
    findings.title,
    findings.evidence,
    rules.runbook,
    false as silenced
from findings
inner join {{ ref('alert_rules') }} as rules on findings.rule_id = rules.rule_id
where
    cast({{ as_of() }} as date) >= rules.valid_from
    and cast({{ as_of() }} as date) < coalesce(rules.valid_to, date '9999-12-31')
