-- Bills that differ from a card again and again, in one direction: a price or its logic is wrong, theirs or ours.
with

months as (
    select
        provider,
        contract_id,
        rate_card_id,
        rate_version,
        sku_id,
        unit,
        currency,
        billing_period,
        cast(sum(charge_count) as bigint) as charge_count,
        cast(sum(charges_above) as bigint) as charges_above,
        cast(sum(charges_below) as bigint) as charges_below,
        cast(sum(quantity) as {{ decimal_type() }}) as quantity,
        cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
        cast(sum(agreed_cost) as {{ decimal_type() }}) as expected_cost
    from {{ ref('observed_months') }}
    where rate_card_id is not null and agreed_cost is not null
    group by all
    -- charges of one moment may share their tiers otherwise; what they come to is the same
    having sum(billed_cost) != sum(agreed_cost)
)

select
    *,
    billed_cost - expected_cost as bias,
    case when quantity > 0 then {{ unit_price_of('billed_cost', 'quantity') }} end as billed_unit_price,
    case when quantity > 0 then {{ unit_price_of('expected_cost', 'quantity') }} end as expected_unit_price,
    charge_count >= {{ var('bias_charges') }} and charge_count in (charges_above, charges_below) as is_systematic
from months
