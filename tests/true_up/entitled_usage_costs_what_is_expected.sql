-- Guards against overage that is asked for by another price than the charge: what positions say of covered usage and of
-- overage is together what is expected for the same rows. Where usage is late, positions are priced without it, so that
-- its contract is left out; an amount that is converted is rounded once for each part of a row.
with

positions as (
    select * from {{ ref('fct_entitlement_positions') }}
    where direction != 'payable'
),

late_contracts as (
    select distinct positions.contract_id
    from positions
    inner join {{ ref('entitled_usage') }} as entitled on positions.position_id = entitled.position_id
    where entitled.is_late
),

positioned as (
    select
        contract_id,
        account_id,
        meter_id,
        sum(included_amount + overage_amount) as amount
    from positions
    group by contract_id, account_id, meter_id
    having bool_and(unpriced_reason is null)
),

charged as (
    select
        expected.contract_id,
        expected.account_id,
        expected.meter_id,
        sum(expected.expected_amount) as amount,
        count(*) * cast(0.000000000000000002 as decimal(38, 18)) as rounding
    from {{ ref('fct_expected_charges') }} as expected
    semi join {{ ref('entitlement_overage') }} as entitled on expected.expected_charge_id = entitled.priced_id
    group by expected.contract_id, expected.account_id, expected.meter_id
)

select
    positioned.*,
    charged.amount as expected_amount
from positioned
inner join charged
    on
        positioned.contract_id = charged.contract_id
        and positioned.account_id = charged.account_id
        and positioned.meter_id = charged.meter_id
anti join late_contracts on positioned.contract_id = late_contracts.contract_id
where abs(positioned.amount - charged.amount) > charged.rounding
