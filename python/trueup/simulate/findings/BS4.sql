-- Data that moved to a colder tier: what that costs, with what is fetched back, less what it cost before.
select
    from_resource_id as subject,
    billing_period,
    'usage' as cause,
    -sum(saving) as amount,
    billing_currency as currency
from marts.fct_storage_moves
group by from_resource_id, billing_period, billing_currency
