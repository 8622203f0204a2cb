select
    alert_id,
    rule_id,
    severity,
    group_key,
    title,
    evidence,
    runbook,
    silenced
from {{ ref('alerts') }}
