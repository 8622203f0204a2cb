-- Decisions that count now: made on facts that still hold, after the exception was last taken up anew.
with

held as (
    select
        decisions.*,
        facts.review_above,
        -- what the rule proposes, in the words of decisions
        case facts.rule_action when 'auto_resolve' then 'accept' when 'review' then null else facts.rule_action end
            as rule_proposal,
        facts.amount_at_risk as amount_now
    from {{ ref('exception_decisions') }} as decisions
    inner join {{ ref('latest_exception_facts') }} as facts on decisions.exception_id = facts.exception_id
    where
        decisions.action != 'note'
        -- what was settled by the facts stays decided as it was
        and (
            facts.amount_at_risk = 0
            or abs(facts.variance_amount - decisions.variance_amount) <= facts.tolerance_amount
        )
),

taken_up as (
    select
        *,
        max(case when not is_binding then decided_at end) over (partition by exception_id) as taken_up_at
    from held
),

-- an approval belongs to the proposal before it
numbered as (
    select
        *,
        count(case when action != 'approve' then 1 end) over (
            partition by exception_id order by decided_at, decision_id
            rows between unbounded preceding and current row
        ) as proposal_number
    from taken_up
    where is_binding and (taken_up_at is null or decided_at > taken_up_at)
),

proposals as (
    select
        *,
        coalesce(max(case when action != 'approve' then action end) over proposal, rule_proposal) as proposed_action,
        max(case when action != 'approve' then decided_amount end) over proposal as proposed_amount
    from numbered
    window proposal as (partition by exception_id, proposal_number)
)

-- Above the gate of the rule, what nobody else proposed before is no more than a proposal.
select
    *,
    first_value(actor) over (partition by exception_id, proposed_action order by decided_at, decision_id)
        as proposed_by,
    coalesce(
        amount_now <= review_above or review_above is null
        or proposed_action = rule_proposal
        or min(actor) over earlier != actor
        or max(actor) over earlier != actor,
        false
    ) as is_effective
from proposals
where proposed_action is not null
window earlier as (
    partition by exception_id, proposed_action order by decided_at, decision_id
    rows between unbounded preceding and 1 preceding
)
