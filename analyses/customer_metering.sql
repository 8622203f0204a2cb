-- What did each customer use by our metering, what is due for it, and what did we invoice?
with

diffs as (
    select * from {{ ref('fct_reconciliation_diffs') }}
    where direction = 'receivable'
),

metered as (
    select
        diff_id,
        max(unit) as unit
    from {{ ref('fct_expected_charges') }}
    where direction = 'receivable'
    group by diff_id
)

select
    diffs.billing_period,
    diffs.counterparty as customer,
    diffs.contract_id,
    diffs.account_id,
    diffs.invoice_id,
    diffs.charge_kind,
    diffs.sku_id,
    coalesce(diffs.unit, metered.unit) as unit,
    diffs.expected_quantity as metered_quantity,
    diffs.billed_quantity as invoiced_quantity,
    diffs.currency,
    diffs.expected_amount as due_amount,
    diffs.billed_amount as invoiced_amount,
    diffs.variance_amount,
    diffs.cause,
    diffs.status
from diffs
left join metered on diffs.diff_id = metered.diff_id
order by
    diffs.billing_period asc, diffs.counterparty asc, diffs.account_id asc, diffs.charge_kind asc, diffs.sku_id asc
