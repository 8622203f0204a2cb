-- Resources that had an owner until their tags vanished, by what they have cost since.
select
    charges.resource_id as subject,
    charges.billing_period,
    'lost_tag' as cause,
    sum(charges.billed_cost) as amount,
    charges.billing_currency as currency
from marts.fct_charges as charges
inner join marts.fct_owner_proposals as proposals
    on charges.provider = proposals.provider and charges.resource_id = proposals.resource_id
where charges.owner = 'unattributed' and proposals.lost_tags_at is not null
group by charges.resource_id, charges.billing_period, charges.billing_currency
