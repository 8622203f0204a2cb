-- What each charge of a vendor comes to by the rates that its own line states, at the quantity that is due and at the
-- one billed; and what our metering says of it.
with

charges as (
    select
        charges.*,
        charges.charge_kind in ('usage', 'commitment_negation') as has_public_rate,
        coalesce(charges.contracted_unit_price = charges.list_unit_price, false) as is_at_public_rate,
        coalesce(metered.is_surplus, false) as is_surplus,
        metered.charge_id is not null as is_metered,
        metered.is_authoritative,
        metered.resource_id as metered_resource_id,
        metered.own_quantity,
        case
            when metered.is_surplus then 'duplicate'
            when not metered.is_authoritative or metered.own_quantity = metered.provider_quantity then null
            when metered.has_gap and metered.own_quantity < metered.provider_quantity then 'missing_usage'
            when metered.is_metered_twice then 'duplicate'
            when metered.charge_id is not null then 'quantity'
        end as metered_cause,
        case
            when metered.is_surplus then 0
            when metered.is_authoritative then metered.own_quantity
            else charges.pricing_quantity
        end as quantity
    from {{ ref('charges') }} as charges
    left join {{ ref('metered_charges') }} as metered
        on charges.charge_id = metered.charge_id and metered.charge_kind = 'usage'
    where {{ is_narrowed('charges', 'charges.partition_version') }}
),

-- where one line of a SKU deviates, others of it may fill other tiers
causes as (
    select
        partition_id,
        sku_id,
        mode(metered_cause) as sku_cause
    from charges
    where metered_cause is not null and not is_surplus
    group by partition_id, sku_id
),

priced as (
    select
        charges.*,
        causes.sku_cause,
        case when charges.charge_kind = 'commitment_negation' then -1 else 1 end as list_sign,
        case
            when charges.has_public_rate
                then {{ exact_product('charges.list_unit_price', 'charges.pricing_quantity') }}
        end as list_amount_billed,
        case
            when not (charges.has_public_rate and charges.is_at_public_rate)
                then {{ exact_product('charges.contracted_unit_price', 'charges.pricing_quantity') }}
        end as other_amount
    from charges
    left join causes on charges.partition_id = causes.partition_id and charges.sku_id = causes.sku_id
)

select
    * exclude (list_sign, list_amount_billed, other_amount),
    list_sign * list_amount_billed as list_amount_as_billed,
    list_sign * case
        when quantity = pricing_quantity then list_amount_billed
        when has_public_rate then {{ exact_product('list_unit_price', 'quantity') }}
    end as list_amount,
    -- what the provider says it charged, before its own rounding
    coalesce(other_amount, case when is_at_public_rate then list_amount_billed end) as contracted_amount
from priced
