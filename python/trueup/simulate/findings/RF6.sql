-- Payers that get a credit for days of a month before the one that it is billed in.
select
    billing_account_id as subject,
    billing_period,
    'credit' as cause,
    sum(billed_cost) as amount,
    billing_currency as currency
from marts.fct_charges
where charge_kind = 'credit' and charge_period_start < billing_period - interval 1 day
group by all
