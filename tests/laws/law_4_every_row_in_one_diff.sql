{{ config(tags=['law']) }}
-- Law 4. Guards against a charge or an expected amount that no diff shows, or that two diffs count.
with

sides as (
    select
        'billed' as side,
        provider as counterparty,
        billing_period,
        billing_currency as currency,
        count(*) as row_count,
        sum(billed_cost) as amount
    from {{ ref('fct_charges') }}
    group by provider, billing_period, billing_currency
    union all
    select
        'expected' as side,
        counterparty,
        billing_period,
        currency,
        count(*) as row_count,
        coalesce(sum(expected_amount), 0) as amount
    from {{ ref('fct_expected_charges') }}
    where direction = 'payable'
    group by counterparty, billing_period, currency
),

diffs as (
    select
        counterparty,
        billing_period,
        currency,
        sum(billed_rows) as billed_rows,
        sum(billed_amount) as billed_amount,
        sum(expected_rows) as expected_rows,
        sum(expected_amount) as expected_amount
    from {{ ref('fct_reconciliation_diffs') }}
    group by counterparty, billing_period, currency
)

select
    sides.*,
    diffs.billed_rows,
    diffs.billed_amount,
    diffs.expected_rows,
    diffs.expected_amount
from sides
left join diffs
    on
        sides.counterparty = diffs.counterparty
        and sides.billing_period = diffs.billing_period
        and sides.currency = diffs.currency
where
    diffs.counterparty is null
    or sides.row_count != case sides.side when 'billed' then diffs.billed_rows else diffs.expected_rows end
    or sides.amount != case sides.side when 'billed' then diffs.billed_amount else diffs.expected_amount end
