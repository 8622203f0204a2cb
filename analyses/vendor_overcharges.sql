-- How much did each vendor bill above what is due, by which cause, and how much of that is not settled yet?
with

-- what nothing of ours prices is not known to be too much
diffs as (
    select * from {{ ref('fct_reconciliation_diffs') }}
    where direction = 'payable' and variance_amount != 0 and cause != 'unpriced'
),

unsettled as (
    select
        diff_id,
        amount_at_risk
    from {{ ref('fct_exceptions') }}
    where resolved_at is null and status != 'auto_resolved'
)

select
    diffs.billing_period,
    diffs.counterparty as provider,
    diffs.currency,
    diffs.cause,
    diffs.assurance,
    count(*) as diff_count,
    sum(diffs.billed_amount) as billed_amount,
    sum(diffs.expected_amount) as expected_amount,
    coalesce(sum(diffs.variance_amount) filter (where diffs.variance_amount > 0), 0) as overcharge,
    coalesce(sum(-diffs.variance_amount) filter (where diffs.variance_amount < 0), 0) as undercharge,
    coalesce(sum(unsettled.amount_at_risk) filter (where diffs.variance_amount > 0), 0) as unsettled_overcharge
from diffs
left join unsettled on diffs.diff_id = unsettled.diff_id
group by diffs.billing_period, diffs.counterparty, diffs.currency, diffs.cause, diffs.assurance
order by overcharge desc, diffs.billing_period asc, diffs.counterparty asc, diffs.cause asc, diffs.assurance asc
