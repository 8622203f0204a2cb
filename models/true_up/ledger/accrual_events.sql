-- When a period is closed, what all closed periods cost by now and no vendor has invoiced. Taxes are booked by invoices
-- alone. Of periods that are closed in one run the last accrues for all.
with

closings as (
    select max(snapshots.billing_period) as closing_period
    from {{ ref('period_snapshots') }} as snapshots
    anti join {{ ref('sealed_periods') }} as sealed
        on snapshots.direction = sealed.direction and snapshots.billing_period = sealed.posting_period
    where snapshots.direction = 'payable'
),

stages as (
    select
        billing_account_id as account_id,
        billing_period,
        currency,
        billed_cost as cost,
        0 as invoiced
    from {{ ref('period_snapshots') }}
    where direction = 'payable' and charge_kind != 'tax'
    union all
    select
        billing_account_id as account_id,
        billing_period,
        currency,
        billed_cost as cost,
        0 as invoiced
    from {{ ref('period_restatements') }}
    where direction = 'payable' and charge_kind != 'tax'
    union all
    select
        account_id,
        billing_period,
        currency,
        0 as cost,
        amount_owed as invoiced
    from {{ ref('invoice_lines') }}
    where direction = 'payable' and not is_provisional and line_kind != 'tax'
),

uninvoiced as (
    select
        account_id,
        billing_period,
        currency,
        cast(sum(cost - invoiced) as {{ decimal_type() }}) as amount
    from stages
    group by account_id, billing_period, currency
    -- what is invoiced beyond the cost is for a dispute, not for an accrual
    having sign(sum(cost - invoiced)) = sign(sum(cost))
)

select
    concat_ws('/', 'accrual', closings.closing_period, account_id, billing_period, currency) as idempotency_key,
    'accrual' as event,
    'payable' as direction,
    'usage' as charge_kind,
    cast(closings.closing_period + interval 1 month - interval 1 second as timestamp) as effective_at,
    uninvoiced.billing_period as origin_period,
    closings.closing_period,
    uninvoiced.amount,
    uninvoiced.currency,
    cast(null as varchar) as debit_cost_center,
    cast(null as varchar) as credit_cost_center,
    uninvoiced.account_id as reference
from closings
inner join uninvoiced on closings.closing_period >= uninvoiced.billing_period
