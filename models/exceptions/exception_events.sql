-- The history of all exceptions: what the facts did, what people decided, what thereby came open again.
{%- set facts %}
    exception_id, diff_id, cause, variance_amount, amount_at_risk, currency, severity, rule_id, rule_version, run_id,
    recorded_at
{%- endset %}
select
    {{ facts }},
    event_id,
    event_type,
    recorded_at as occurred_at
from {{ ref('exception_facts') }}
where exception_id is not null
union all by name
select
    {{ facts }},
    event_id,
    'reopened' as event_type,
    recorded_at as occurred_at,
    'decided on a variance of ' || decided_variance_amount as reason
from {{ ref('exception_reopenings') }}
union all by name
select
    exception_id,
    diff_id,
    variance_amount,
    amount_at_risk,
    currency,
    run_id,
    recorded_at,
    decision_id as event_id,
    case when action = 'note' then 'noted' else 'decided' end as event_type,
    decided_at as occurred_at,
    action,
    decided_amount,
    actor,
    reason,
    reference,
    file_id,
    file_row
from {{ ref('exception_decisions') }}
