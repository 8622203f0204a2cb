-- What is to be done about exceptions, and what came of it; executed actions that nothing here proposed stay, too.
with

proposed as (
    select
        concat_ws(':', action, exception_id) as action_id,
        exception_id,
        action,
        coalesce(decided_amount, amount_at_risk) as amount,
        currency,
        case
            when action = rule_action then 'rule ' || rule_id || ', version ' || rule_version
            else proposed_by
        end as proposed_by,
        opened_at as proposed_at,
        decided_by as approved_by,
        decided_at as approved_at
    from {{ ref('exceptions') }}
    where
        action in ('credit', 'dispute', 'rebill', 'write_off')
        and (amount_at_risk > 0 or decided_by is not null)
),

executed as (
    select * from {{ ref('stg_actions__executions') }}
    qualify row_number() over (partition by action_id order by executed_at desc) = 1
)

select
    proposed.* exclude (action_id),
    coalesce(proposed.action_id, executed.action_id) as action_id,
    case
        when executed.action_id is not null then 'executed'
        when proposed.approved_by is not null then 'approved'
        else 'proposed'
    end as status,
    executed.outcome,
    executed.executed_at,
    executed.actor as executed_by,
    executed.file_id,
    executed.file_row
from proposed
full outer join executed on proposed.action_id = executed.action_id
