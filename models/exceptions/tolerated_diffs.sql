-- What was never outside its tolerance: nothing to work off, and still summed.
select
    {{ exception_id('diffs.diff_id') }} as exception_id,
    diffs.diff_id,
    diffs.direction,
    diffs.counterparty,
    diffs.contract_id,
    diffs.invoice_id,
    diffs.account_id,
    diffs.sku_id,
    diffs.charge_kind,
    diffs.billing_period,
    diffs.usage_date,
    diffs.currency,
    diffs.assurance,
    diffs.cause,
    diffs.billed_amount,
    diffs.expected_amount,
    diffs.variance_amount,
    diffs.tolerance_amount,
    diffs.match_rule_id,
    diffs.partition_id,
    diffs.partition_version
from {{ ref('reconciliation_diffs') }} as diffs
anti join {{ ref('exception_facts') }} as facts on diffs.diff_id = facts.diff_id
where diffs.status = 'within_tolerance'
