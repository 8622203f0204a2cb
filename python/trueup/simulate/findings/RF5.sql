-- Accounts whose differences are rounding, inside the tolerance and summed all the same.
select
    account_id as subject,
    billing_period,
    'rounding' as cause,
    sum(rounding_variance) as amount,
    currency
from marts.fct_reconciliation_diffs
where direction = 'payable'
group by account_id, billing_period, currency
having bool_or(cause = 'rounding' and status = 'within_tolerance')
