-- Products of which a customer's reports came after the invoice of their month, while its books were still open.
select
    account_id || '/' || replace(meter_id, 'product-', '') as subject,
    origin_period as billing_period,
    'late' as cause,
    sum(amount) as amount,
    currency
from marts.fct_reconciliation_events
where kind = 'late_usage' and origin_status = 'open'
group by account_id, meter_id, origin_period, currency
