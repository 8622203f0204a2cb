{{ config(materialized='table') }}

-- Where each exception that ever was stands: by the facts first, then by decisions, then by its rule.
with

facts as (
    select * from {{ ref('latest_exception_facts') }}
),

effective as (
    select
        *,
        case proposed_action
            when 'accept' then 'accepted'
            when 'credit' then 'credited'
            when 'dispute' then 'disputed'
            when 'rebill' then 'rebilled'
            when 'write_off' then 'written_off'
        end as decided_status
    from {{ ref('binding_decisions') }}
    where is_effective
    qualify row_number() over (partition by exception_id order by decided_at desc, decision_id desc) = 1
),

waiting as (
    select proposals.*
    from {{ ref('binding_decisions') }} as proposals
    left join effective on proposals.exception_id = effective.exception_id
    where not proposals.is_effective and proposals.decided_at >= coalesce(effective.decided_at, proposals.decided_at)
    qualify row_number() over (partition by proposals.exception_id order by proposals.decided_at desc) = 1
),

-- a decision, or facts that moved away from one, takes an exception out of its rule's hands
touched as (
    select distinct exception_id from {{ ref('exception_decisions') }}
    where action != 'note'
),

stood as (
    select
        facts.*,
        case
            -- what was disputed and is billed right by now has come to its end
            when facts.amount_at_risk = 0 and coalesce(effective.decided_status, 'disputed') = 'disputed'
                then 'auto_resolved'
            when effective.exception_id is not null then effective.decided_status
            when waiting.exception_id is not null then 'in_review'
            when touched.exception_id is not null then 'open'
            when
                facts.rule_action = 'auto_resolve'
                and (facts.amount_at_risk <= facts.review_above or facts.review_above is null)
                then 'auto_resolved'
            when facts.rule_action in ('auto_resolve', 'review') then 'in_review'
            else 'open'
        end as status,
        coalesce(effective.proposed_action, waiting.proposed_action, facts.rule_action) as action,
        coalesce(waiting.proposed_by, effective.proposed_by) as proposed_by,
        effective.actor as decided_by,
        effective.decided_at,
        coalesce(effective.proposed_amount, effective.amount_at_risk) as decided_amount,
        effective.reference
    from facts
    left join effective on facts.exception_id = effective.exception_id
    left join waiting on facts.exception_id = waiting.exception_id
    left join touched on facts.exception_id = touched.exception_id
),

ended as (
    select
        *,
        case
            when status in ('accepted', 'credited', 'rebilled', 'written_off') then decided_at
            when status = 'auto_resolved' and amount_at_risk = 0 then settled_at
            when status = 'auto_resolved' then opened_at
        end as resolved_at
    from stood
)

select
    *,
    greatest({{ whole_units_between('opened_at', 'coalesce(resolved_at, ' ~ as_of() ~ ')') }}, 0) as age_hours
from ended
