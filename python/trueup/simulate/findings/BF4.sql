-- Products of which a customer's reports came after the invoice of their month, while its books were still open; not what
-- was rebuilt after an outage, which is late for another reason.
with

rebuilt as (
    select
        account_id,
        meter_id,
        billing_period,
        count(*) as row_count
    from marts.fct_usage
    where is_reconstructed
    group by account_id, meter_id, billing_period
)

select
    events.account_id || '/' || replace(events.meter_id, 'product-', '') as subject,
    events.origin_period as billing_period,
    'late' as cause,
    sum(events.amount) as amount,
    events.currency
from marts.fct_reconciliation_events as events
left join rebuilt
    on
        events.account_id = rebuilt.account_id
        and events.meter_id = rebuilt.meter_id
        and events.origin_period = rebuilt.billing_period
where events.kind = 'late_usage' and events.origin_status = 'open'
group by events.account_id, events.meter_id, events.origin_period, events.currency
having sum(events.row_count) > coalesce(max(rebuilt.row_count), 0)
