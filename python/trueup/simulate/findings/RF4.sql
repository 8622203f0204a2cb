-- Resources with lines that are billed twice: also functions, whose calls have one event of ours each.
select
    charges.resource_id as subject,
    charges.billing_period,
    'duplicate' as cause,
    sum(charges.billed_cost - coalesce(expected.expected_amount, 0)) as amount,
    charges.billing_currency as currency
from marts.fct_expected_charges as expected
inner join marts.fct_charges as charges on expected.charge_id = charges.charge_id
where expected.deviation = 'duplicate'
group by charges.resource_id, charges.billing_period, charges.billing_currency
