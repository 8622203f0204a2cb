-- Decisions that reach no exception: somebody believes that something is settled, and it is not.
with

known as (
    select distinct exception_id from {{ ref('exception_facts') }}
)

select
    'unknown_decision' as rule_id,
    concat_ws('/', decisions.file_id, decisions.file_row) as group_key,
    concat_ws(
        ' ', decisions.actor, 'decided', decisions.action, 'on exception', decisions.subject_id || ',',
        'which was never open'
    ) as title,
    concat_ws(' ', 'row', decisions.file_row, 'of file', decisions.file_id) as evidence
from {{ ref('landed_exception_decisions') }} as decisions
anti join known on decisions.exception_id = known.exception_id
