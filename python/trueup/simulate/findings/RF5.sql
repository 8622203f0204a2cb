-- Accounts whose differences are rounding, inside the tolerance and summed all the same.
select
    account_id as subject,
    billing_period,
    'rounding' as cause,
    sum(variance_amount) as amount,
    currency
from marts.fct_reconciliation_diffs
where cause = 'rounding' and status = 'within_tolerance'
group by account_id, billing_period, currency
