with

periods as (
    select
        commitment_id,
        billing_period,
        count(*) as hours_begun,
        count(*) filter (where is_measured) as hours_measured,
        sum(commitment) filter (where is_measured) as commitment,
        sum(used) as used,
        sum(unused) as unused,
        sum(covered_amount) as covered_amount,
        sum(amortised_fee) as amortised_fee,
        sum(recurring_fee) as recurring_fee,
        sum(used_cost) as used_cost,
        sum(unused_cost) as unused_cost
    from {{ ref('commitment_hours') }}
    group by commitment_id, billing_period
),

stated as (
    select
        charges.commitment_id,
        charges.billing_period,
        sum(charges.effective_cost) filter (where charges.commitment_status = 'Used') as used_cost,
        sum(charges.effective_cost) filter (where charges.commitment_status = 'Unused') as unused_cost
    from {{ ref('charges') }} as charges
    inner join {{ ref('commitment_terms') }} as terms on charges.commitment_id = terms.commitment_id
    -- what takes back usage that is covered is no cost of covering it
    where charges.charge_kind != 'commitment_negation'
    group by charges.commitment_id, charges.billing_period
)

select
    periods.commitment_id,
    terms.contract_id,
    terms.kind,
    terms.currency,
    periods.billing_period,
    case when terms.quantity_per_hour is null then 'amount' else 'quantity' end as committed_in,
    periods.hours_begun,
    periods.hours_measured,
    cast(periods.commitment as {{ decimal_type() }}) as commitment,
    cast(periods.used as {{ decimal_type() }}) as used,
    cast(periods.unused as {{ decimal_type() }}) as unused,
    round({{ exact_ratio('100 * periods.used', 'periods.commitment') }}, 2) as utilisation_percent,
    cast(periods.covered_amount as {{ decimal_type() }}) as covered_amount,
    months.eligible_amount,
    round({{ exact_ratio('100 * periods.covered_amount', 'months.eligible_amount') }}, 2) as coverage_percent,
    cast(periods.amortised_fee as {{ decimal_type() }}) as amortised_fee,
    cast(periods.recurring_fee as {{ decimal_type() }}) as recurring_fee,
    cast(periods.used_cost as {{ decimal_type() }}) as used_cost,
    cast(periods.unused_cost as {{ decimal_type() }}) as unused_cost,
    cast(stated.used_cost as {{ decimal_type() }}) as stated_used_cost,
    cast(stated.unused_cost as {{ decimal_type() }}) as stated_unused_cost
from periods
inner join {{ ref('commitment_terms') }} as terms on periods.commitment_id = terms.commitment_id
left join {{ ref('commitment_months') }} as months
    on periods.commitment_id = months.commitment_id and periods.billing_period = months.billing_period
left join stated on periods.commitment_id = stated.commitment_id and periods.billing_period = stated.billing_period
