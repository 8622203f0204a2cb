with

drawn as (
    select
        commitment_id,
        hour_start,
        sum(drawn) as commitment,
        coalesce(sum(drawn) filter (where usage_id is not null), 0) as used,
        sum(covered_amount) as covered_amount,
        sum(amortised_fee) as amortised_fee,
        sum(recurring_fee) as recurring_fee,
        coalesce(sum(amortised_fee + recurring_fee) filter (where usage_id is not null), 0) as used_cost
    from {{ ref('commitment_draws') }}
    group by commitment_id, hour_start
),

-- Providers cut months at an hour of their own; where none is delivered, UTC does.
measured as (
    select
        drawn.*,
        case
            when drawn.hour_start < months.billing_period_end then months.billing_period
            else cast(date_trunc('month', drawn.hour_start) as date)
        end as billing_period,
        coalesce(drawn.hour_start < least(months.billing_period_end, months.delivered_to), false) as is_measured
    from drawn
    asof left join {{ ref('commitment_months') }} as months
        on drawn.commitment_id = months.commitment_id and drawn.hour_start >= months.billing_period_start
)

select
    commitment_id,
    hour_start,
    billing_period,
    is_measured,
    cast(commitment as {{ decimal_type() }}) as commitment,
    cast(case when is_measured then used end as {{ decimal_type() }}) as used,
    cast(case when is_measured then commitment - used end as {{ decimal_type() }}) as unused,
    cast(covered_amount as {{ decimal_type() }}) as covered_amount,
    cast(amortised_fee as {{ decimal_type() }}) as amortised_fee,
    cast(recurring_fee as {{ decimal_type() }}) as recurring_fee,
    cast(case when is_measured then used_cost end as {{ decimal_type() }}) as used_cost,
    cast(case when is_measured then amortised_fee + recurring_fee - used_cost end as {{ decimal_type() }})
        as unused_cost
from measured
