select
    candidates.match_rule_id,
    candidates.diff_id as billed_diff_id,
    candidates.other_diff_id as expected_diff_id,
    billed.direction,
    billed.counterparty,
    billed.account_id,
    billed.billing_period,
    billed.amount as billed_amount,
    expected.amount as expected_amount,
    billed.currency,
    candidates.reason
from {{ ref('key_matches') }} as candidates
inner join {{ ref('leftover_keys') }} as billed on candidates.diff_id = billed.row_id
inner join {{ ref('leftover_keys') }} as expected on candidates.other_diff_id = expected.row_id
