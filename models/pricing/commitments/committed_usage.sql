select
    commitment_id,
    usage_id as charge_id,
    cast(sum(drawn) as {{ decimal_type() }}) as drawn,
    cast(sum(covered_quantity) as {{ decimal_type() }}) as covered_quantity,
    cast(sum(covered_amount) as {{ decimal_type() }}) as covered_amount,
    cast(sum(amortised_fee + recurring_fee) as {{ decimal_type() }}) as effective_amount
from {{ ref('commitment_draws') }}
where usage_id is not null
group by commitment_id, usage_id
