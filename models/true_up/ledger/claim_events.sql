-- What is claimed from vendors, and how it ended; an end is booked by the run that first sees it.
with

claims as (
    select *
    from {{ ref('disputes') }}
    where kind = 'vendor'
),

stages as (
    select
        dispute_id,
        'claim' as event,
        claimed_amount as amount,
        opened_at as effective_at,
        currency
    from claims
    union all
    select
        dispute_id,
        'claim_recovered' as event,
        least(recovered_amount, claimed_amount) as amount,
        {{ as_of() }} as effective_at,
        currency
    from claims
    where outcome != 'open'
    union all
    select
        dispute_id,
        'claim_lost' as event,
        greatest(claimed_amount - recovered_amount, 0) as amount,
        {{ as_of() }} as effective_at,
        currency
    from claims
    where outcome != 'open'
),

keyed as (
    select
        *,
        concat_ws('/', event, dispute_id) as idempotency_key
    from stages
)

select
    keyed.idempotency_key,
    keyed.event,
    'payable' as direction,
    'usage' as charge_kind,
    keyed.effective_at,
    cast(date_trunc('month', keyed.effective_at) as date) as origin_period,
    cast(null as date) as closing_period,
    cast(keyed.amount as {{ decimal_type() }}) as amount,
    keyed.currency,
    cast(null as varchar) as debit_cost_center,
    cast(null as varchar) as credit_cost_center,
    keyed.dispute_id as reference
from keyed
anti join {{ ref('ledger_entries') }} as entries on keyed.idempotency_key = entries.idempotency_key
