-- What does each commitment cost a month once its fees are spread over its term, and does the vendor say the same?
with

costs as (
    select
        *,
        amortised_fee + recurring_fee as amortised_cost,
        stated_used_cost + stated_unused_cost as stated_cost
    from {{ ref('fct_commitment_coverage') }}
)

select
    billing_period,
    commitment_id,
    contract_id,
    kind,
    currency,
    hours_begun,
    amortised_fee,
    recurring_fee,
    amortised_cost,
    sum(amortised_fee) over (partition by commitment_id, currency order by billing_period) as fee_amortised_so_far,
    used_cost,
    unused_cost,
    stated_cost,
    stated_cost - amortised_cost as stated_difference
from costs
order by billing_period, commitment_id
