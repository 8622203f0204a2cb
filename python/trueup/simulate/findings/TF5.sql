-- Contracts of which a later version prices usage, each row by the version that is valid at its time.
select
    contract_id as subject,
    billing_period,
    cast(null as varchar) as cause,
    sum(expected_amount) as amount,
    currency
from marts.fct_expected_charges
where
    direction = 'payable'
    and charge_kind in ('usage', 'commitment_usage')
    and contract_version > '1'
group by contract_id, billing_period, currency
