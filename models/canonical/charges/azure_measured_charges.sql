with

charges as (
    select
        * replace (
            -- a price of 0 beside a cost is no price
            case when public_price != 0 or cost = 0 then public_price end as public_price,
            case when unit_price != 0 or cost = 0 then unit_price end as unit_price
        ),
        regexp_extract(resource_id, '(?i).*/providers/(.+)$', 1) as resource_path,
        lower(regexp_replace(unit_of_measure, '[\s,]', '', 'g')) as unit_key,
        coalesce(exchange_rate, 1) as billing_per_pricing_currency
    from {{ ref('azure_paired_charges') }}
),

units as (
    select * from {{ ref('azure_units') }}
),

-- Counted things are stated in blocks, time and volume in units (docs/decisions/0010-azure-quantities.md).
measured as (
    select
        charges.*,
        coalesce(units.unit, charges.unit_of_measure) as consumed_unit,
        case
            when units.stated_in = 'blocks' then {{ exact_product('charges.quantity', 'units.block_size') }}
            else charges.quantity
        end as consumed_quantity,
        case
            when units.stated_in = 'units' then {{ exact_product('charges.quantity', 'units.block_share') }}
            else charges.quantity
        end as pricing_quantity,
        case when units.stated_in = 'units' then units.block_size else 1 end as stated_per_block,
        {{ exact_product('charges.public_price', 'charges.billing_per_pricing_currency') }} as public_price_in_billing,
        {{ exact_product('charges.unit_price', 'charges.billing_per_pricing_currency') }} as unit_price_in_billing
    from charges
    left join units on charges.unit_key = units.unit_of_measure
)

select
    *,
    nullif(lower(array_to_string(
        list_filter(string_split(resource_path, '/'), (part, place) -> place = 1 or place % 2 = 0), '/'
    )), '') as resource_type,
    case
        when charge_type in ('Purchase', 'Usage') and is_committed then 'Commitment' || charge_type
        else charge_type
    end as line_type,
    case
        when benefit_id ilike '%savingsplan%' or pricing_model = 'SavingsPlan' then 'Savings Plan'
        when is_committed then 'Reservation'
    end as commitment_type,
    {{ exact_product('public_price', 'stated_per_block') }} as pricing_currency_list_unit_price,
    {{ exact_product('unit_price', 'stated_per_block') }} as pricing_currency_contracted_unit_price,
    {{ exact_product('public_price_in_billing', 'stated_per_block') }} as list_unit_price,
    {{ exact_product('unit_price_in_billing', 'stated_per_block') }} as contracted_unit_price,
    case
        when charge_type != 'Usage' or is_restated then null
        when public_cost != 0 then public_cost
        when public_price > 0 then {{ exact_product('public_price_in_billing', 'quantity') }}
    end as cost_at_public_price,
    case
        when charge_type = 'Usage' and not is_restated and unit_price > 0
            then {{ exact_product('unit_price_in_billing', 'quantity') }}
    end as cost_at_unit_price
from measured
