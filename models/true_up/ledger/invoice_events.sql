-- Invoices that are final, ours and our vendors', by kind of line. Nothing is posted of a void one.
select
    concat_ws('/', event, issuer, invoice_id) as idempotency_key,
    event,
    direction,
    line_kind as charge_kind,
    max(issued_at) as effective_at,
    min(min(billing_period)) over (partition by issuer, invoice_id) as origin_period,
    cast(null as date) as closing_period,
    cast(sum(amount_owed) as {{ decimal_type() }}) as amount,
    currency,
    cast(null as varchar) as debit_cost_center,
    cast(null as varchar) as credit_cost_center,
    concat_ws('/', issuer, invoice_id) as reference
from (
    select
        *,
        case direction when 'payable' then 'vendor_invoice' else 'customer_invoice' end as event
    from {{ ref('invoice_lines') }}
    where not is_provisional and not is_void
)
group by event, issuer, invoice_id, direction, line_kind, currency
