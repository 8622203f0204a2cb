{{ config(materialized='table') }}

-- Billing months in which a commitment's accounts have delivered usage, and how far.
select
    reach.commitment_id,
    used.billing_period,
    min(used.billing_period_start) as billing_period_start,
    max(used.billing_period_end) as billing_period_end,
    max(used.ends_at) as delivered_to,
    cast(
        coalesce(
            sum({{ exact_product('used.quantity', 'used.unit_price') }}) filter (
                where reach.units is not null
                and used.quantity > 0
                and used.starts_at >= terms.starts_at
                and used.starts_at < terms.ends_at
            ),
            0
        ) as {{ decimal_type() }}
    ) as eligible_amount
from {{ ref('committable_usage') }} as used
inner join {{ ref('commitment_reach') }} as reach on used.class_id = reach.class_id
inner join {{ ref('commitment_terms') }} as terms
    on
        reach.commitment_id = terms.commitment_id
        and used.starts_at < terms.ends_at
        and used.ends_at > terms.starts_at
group by reach.commitment_id, used.billing_period
