{{ config(tags=['law']) }}
-- Law 4. Guards against a charge, an invoice line or an expected amount that no diff shows, or that two diffs count.
with

billed as (
    select
        'payable' as direction,
        provider as counterparty,
        billing_period,
        billing_currency as currency,
        count(*) as row_count,
        sum(billed_cost) as amount
    from {{ ref('fct_charges') }}
    group by provider, billing_period, billing_currency
    union all
    select
        direction,
        null as counterparty,
        billing_period,
        currency,
        count(*) as row_count,
        sum(amount_owed) as amount
    from {{ ref('fct_invoice_lines') }}
    where direction = 'receivable'
    group by direction, billing_period, currency
),

billed_diffs as (
    select
        direction,
        case when direction = 'payable' then counterparty end as counterparty,
        billing_period,
        currency,
        sum(billed_rows) as row_count,
        sum(billed_amount) as amount
    from {{ ref('fct_reconciliation_diffs') }}
    where billed_rows > 0
    group by direction, case when direction = 'payable' then counterparty end, billing_period, currency
),

expected as (
    select
        diff_id,
        count(*) as row_count,
        coalesce(sum(expected_amount), 0) as amount
    from {{ ref('fct_expected_charges') }}
    where direction != 'internal'
    group by diff_id
),

expected_diffs as (
    select
        diff_id,
        sum(expected_rows) as row_count,
        sum(expected_amount) as amount
    from {{ ref('fct_reconciliation_diffs') }}
    where expected_rows > 0
    group by diff_id
)

select
    'billed' as side,
    concat_ws(' ', billed.direction, billed.counterparty, billed.billing_period, billed.currency) as found_in,
    billed.row_count,
    billed.amount,
    diffs.row_count as diff_rows,
    diffs.amount as diff_amount
from billed
full outer join billed_diffs as diffs
    on
        billed.direction = diffs.direction
        and billed.counterparty is not distinct from diffs.counterparty
        and billed.billing_period = diffs.billing_period
        and billed.currency = diffs.currency
where billed.row_count is distinct from diffs.row_count or billed.amount is distinct from diffs.amount
union all
select
    'expected' as side,
    cast(coalesce(expected.diff_id, diffs.diff_id) as varchar) as found_in,
    expected.row_count,
    expected.amount,
    diffs.row_count as diff_rows,
    diffs.amount as diff_amount
from expected
full outer join expected_diffs as diffs on expected.diff_id = diffs.diff_id
where expected.row_count is distinct from diffs.row_count or expected.amount is distinct from diffs.amount
