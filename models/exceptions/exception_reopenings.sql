{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

-- A decision holds for the facts that it was made on: once the variance has moved by more than the tolerance, the
-- exception is open again. Told once a decision.
with

facts as (
    select * exclude (event_id, event_type, recorded_at, run_id, opened_at, settled_at)
    from {{ ref('latest_exception_facts') }}
),

last_words as (
    select * from {{ ref('exception_decisions') }}
    where action != 'note'
    qualify row_number() over (partition by exception_id order by decided_at desc, decision_id asc) = 1
)

select
    {{ identity(["'reopened'", 'last_words.decision_id']) }} as event_id,
    last_words.decision_id,
    last_words.variance_amount as decided_variance_amount,
    facts.*,
    {{ as_of() }} as recorded_at,
    getvariable('run_id') as run_id
from last_words
inner join facts on last_words.exception_id = facts.exception_id
{% if is_incremental() %}
    anti join {{ this }} as told on last_words.decision_id = told.decision_id
{% endif %}
where
    last_words.is_binding
    and facts.amount_at_risk > 0
    and abs(facts.variance_amount - last_words.variance_amount) > facts.tolerance_amount
