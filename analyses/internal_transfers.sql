-- What is to be booked between cost centres, by which rule, who approved the rule, and what does it rest on?
with

approvals as (
    select
        subject_id as rule_id,
        max_by(actor, decided_at) as approved_by,
        max(decided_at) as approved_at
    from {{ ref('stg_decisions__decisions') }}
    where subject_type = 'allocation' and action = 'approve'
    group by subject_id
),

ways as (
    select
        billing_period,
        owner,
        currency,
        rule_id,
        string_agg(distinct path, '; ' order by path) as paths,
        count(*) as allocation_count
    from {{ ref('fct_allocations') }}
    where rule_id is not null
    group by billing_period, owner, currency, rule_id
)

select
    transfers.billing_period,
    transfers.debit_cost_center,
    transfers.credit_cost_center,
    transfers.debit_entity,
    transfers.credit_entity,
    transfers.amount,
    transfers.markup_amount,
    transfers.transfer_amount,
    transfers.currency,
    transfers.rule_id,
    approvals.approved_by,
    approvals.approved_at,
    ways.paths,
    ways.allocation_count,
    transfers.is_estimated,
    transfers.statement_id,
    transfers.transfer_id
from {{ ref('fct_internal_transfers') }} as transfers
inner join {{ ref('fct_statement_totals') }} as statements on transfers.statement_id = statements.statement_id
left join approvals on transfers.rule_id = approvals.rule_id
left join ways
    on
        transfers.billing_period = ways.billing_period
        and statements.owner = ways.owner
        and transfers.currency = ways.currency
        and transfers.rule_id = ways.rule_id
order by transfers.billing_period asc, transfers.currency asc, transfers.amount desc
