-- Payers that get a credit for days of a month before the one that it is billed in.
select
    account_id as subject,
    posting_period as billing_period,
    'credit' as cause,
    sum(amount) as amount,
    currency
from marts.fct_reconciliation_events
where kind = 'credit'
group by account_id, posting_period, currency
