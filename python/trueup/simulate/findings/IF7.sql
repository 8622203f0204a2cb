-- Invoices of vendors that came after the books of their month were closed.
select
    invoice_id as subject,
    origin_period as billing_period,
    'late' as cause,
    sum(amount) as amount,
    currency
from marts.fct_reconciliation_events
where kind = 'late_invoice' and direction = 'payable'
group by invoice_id, origin_period, currency
