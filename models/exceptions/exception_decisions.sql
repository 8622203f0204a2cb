{{ config(materialized='incremental', incremental_strategy='append', full_refresh=false) }}

-- Each decision once, with the facts that it was made on: those known at its time, before this run.
with

decisions as (
    select decisions.* from {{ ref('landed_exception_decisions') }} as decisions
    {% if is_incremental() %}
        anti join {{ this }} as noted on decisions.decision_id = noted.decision_id
    {% endif %}
),

facts as (
    select * from {{ ref('exception_facts') }}
    where exception_id in (select decided.exception_id from decisions as decided)
),

known as (
    select
        decisions.*,
        facts.diff_id,
        facts.comparison,
        facts.currency,
        facts.variance_amount,
        facts.amount_at_risk,
        facts.tolerance_amount,
        facts.recorded_at <= decisions.decided_at and facts.run_id != getvariable('run_id') as was_known
    from decisions
    inner join facts on decisions.exception_id = facts.exception_id
)

select
    * exclude (was_known),
    {{ as_of() }} as recorded_at,
    getvariable('run_id') as run_id
from known
qualify
    row_number() over (
        partition by decision_id
        order by was_known desc, case when was_known then comparison end desc, comparison
    ) = 1
