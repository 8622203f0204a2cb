{{ config(materialized='table') }}

-- Billing months in which a commitment's accounts have delivered usage, and how far.
select
    reach.commitment_id,
    usage.billing_period,
    min(usage.billing_period_start) as billing_period_start,
    max(usage.billing_period_end) as billing_period_end,
    max(usage.ends_at) as delivered_to,
    cast(
        coalesce(
            sum({{ exact_product('usage.quantity', 'usage.unit_price') }}) filter (
                where reach.units is not null
                and usage.quantity > 0
                and usage.starts_at >= terms.starts_at
                and usage.starts_at < terms.ends_at
            ),
            0
        ) as {{ decimal_type() }}
    ) as eligible_amount
from {{ ref('committable_usage') }} as usage
inner join {{ ref('commitment_reach') }} as reach on usage.class_id = reach.class_id
inner join {{ ref('commitment_terms') }} as terms
    on
        reach.commitment_id = terms.commitment_id
        and usage.starts_at < terms.ends_at
        and usage.ends_at > terms.starts_at
group by reach.commitment_id, usage.billing_period
