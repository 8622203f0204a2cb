-- What an invoice run missed: customers' usage that came after the invoice of its month was issued. A report that had
-- come before, and comes again in another revision, is not late: it changes a quantity.
with

invoices as (
    select
        account_id,
        billing_period,
        min(issued_at) as issued_at,
        min(invoice_id) as invoice_id
    from {{ ref('invoice_lines') }}
    where direction = 'receivable' and not is_provisional and not is_void
    group by account_id, billing_period
),

times as (
    select * from {{ ref('partition_file_times') }}
    where source = 'usage_events'
),

delivered as (
    select
        events.usage_id,
        events.account_id,
        events.sku_id,
        events.meter_id,
        events.billing_period,
        events.file_id,
        events.file_row,
        times.received_at,
        invoices.issued_at,
        invoices.invoice_id
    from {{ ref('usage') }} as events
    inner join times on events.file_id = times.file_id
    inner join invoices
        on
            events.account_id = invoices.account_id
            and events.billing_period = invoices.billing_period
            and times.received_at > invoices.issued_at
),

known_before as (
    select distinct
        delivered.file_id,
        delivered.file_row
    from delivered
    inner join {{ ref('record_keys') }} as own
        on own.source = 'usage_events' and delivered.file_id = own.file_id and delivered.file_row = own.file_row
    inner join {{ ref('record_keys') }} as earlier
        on earlier.source = 'usage_events' and own.record_key = earlier.record_key
    inner join times on earlier.file_id = times.file_id
    where times.received_at <= delivered.issued_at
)

select delivered.*
from delivered
anti join known_before
    on delivered.file_id = known_before.file_id and delivered.file_row = known_before.file_row
