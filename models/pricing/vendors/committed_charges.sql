with

matched as (
    select
        charges.charge_id,
        charges.charge_kind,
        charges.charge_frequency,
        terms.contract_id,
        terms.currency,
        terms.upfront_fee,
        terms.recurring_fee_per_hour,
        cast(date_diff(
            'hour',
            greatest(charges.charge_period_start, terms.starts_at), least(charges.charge_period_end, terms.ends_at)
        ) as {{ decimal_type() }}) as hours
    from {{ ref('charges') }} as charges
    inner join {{ ref('commitment_terms') }} as terms on charges.commitment_id = terms.commitment_id
    where charges.charge_kind in ('commitment_fee', 'commitment_usage', 'commitment_unused')
)

select
    charge_id,
    contract_id,
    currency,
    case
        -- what it covers or leaves unused bills nothing: its fees do, hour by hour or once
        when charge_kind != 'commitment_fee' then 0
        when charge_frequency = 'Recurring' and recurring_fee_per_hour != 0
            then {{ exact_product('recurring_fee_per_hour', 'hours') }}
        else upfront_fee
    end as amount
from matched
