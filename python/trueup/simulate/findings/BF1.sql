-- Accounts with tagged charges that no rule knows an owner for.
select
    sub_account_id as subject,
    billing_period,
    'no_rule' as cause,
    sum(billed_cost) as amount,
    billing_currency as currency
from marts.fct_charges
where owner = 'unattributed' and coalesce(cast(tags as varchar), '{}') != '{}'
group by sub_account_id, billing_period, billing_currency
