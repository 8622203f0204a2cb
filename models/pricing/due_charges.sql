select
    expected.* exclude (
        contract_id, contract_version, price_source, assurance, expected_amount, amount_as_billed, unpriced_reason
    ),
    coalesce(due.contract_id, expected.contract_id) as contract_id,
    coalesce(due.contract_version, expected.contract_version) as contract_version,
    case when due.charge_id is null then expected.price_source else 'contract' end as price_source,
    case when due.charge_id is null then expected.assurance else 'rate_checked' end as assurance,
    coalesce(due.expected_amount, expected.expected_amount) as expected_amount,
    coalesce(due.expected_amount, expected.amount_as_billed, expected.expected_amount) as amount_as_billed,
    case when due.charge_id is null then expected.unpriced_reason end as unpriced_reason
from {{ ref('expected_charges') }} as expected
left join {{ ref('due_lines') }} as due on expected.charge_id = due.charge_id
