-- SKUs of one price that their contract prices by another model from some day on: what they are billed since, less what
-- the same quantity cost before.
with

rates as (
    select
        expected.contract_id,
        expected.sku_id,
        tiers.model,
        min(tiers.unit_price) as unit_price,
        min(expected.charge_period_start) as used_from
    from marts.fct_expected_charges as expected
    inner join marts.fct_rate_tiers as tiers using (rate_card_id, rate_version, sku_id)
    where expected.direction = 'payable' and expected.charge_kind = 'usage'
    group by expected.contract_id, expected.sku_id, tiers.model, expected.rate_card_id, expected.rate_version
),

compared as (
    select
        *,
        lag(model) over used as former_model,
        lag(unit_price) over used as former_price
    from rates
    window used as (partition by contract_id, sku_id order by used_from)
),

moves as (
    select *
    from compared
    where former_model != model
    qualify row_number() over (partition by contract_id, sku_id order by used_from desc) = 1
)

select
    moves.sku_id as subject,
    charges.billing_period,
    cast(null as varchar) as cause,
    sum(charges.billed_cost)
    - cast(sum(expected.quantity) as decimal(20, 6)) * cast(moves.former_price as decimal(16, 9)) as amount,
    charges.billing_currency as currency
from moves
inner join marts.fct_expected_charges as expected using (contract_id, sku_id)
inner join marts.fct_charges as charges using (charge_id)
where expected.charge_kind = 'usage' and expected.charge_period_start >= moves.used_from
group by moves.sku_id, charges.billing_period, moves.former_price, charges.billing_currency
