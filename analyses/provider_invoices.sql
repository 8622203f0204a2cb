-- Which invoices of providers say otherwise than their exports, in which kind of lines, and which came late?
with

matches as (
    select * from {{ ref('fct_invoice_matches') }}
    where direction = 'payable'
),

kinds as (
    select
        issuer,
        invoice_id,
        billing_period,
        currency,
        arg_max(line_kind, (abs(difference), line_kind)) as line_kind
    from matches
    where line_kind != 'total' and difference != 0 and status != 'exempt'
    group by issuer, invoice_id, billing_period, currency
),

late as (
    select
        counterparty as issuer,
        invoice_id,
        origin_period as billing_period,
        currency,
        max(seen_at) as received_at
    from {{ ref('fct_reconciliation_events') }}
    where kind = 'late_invoice' and direction = 'payable'
    group by counterparty, invoice_id, origin_period, currency
)

select
    matches.billing_period,
    matches.issuer,
    matches.invoice_id,
    matches.account_id,
    matches.currency,
    matches.invoice_amount,
    matches.export_amount,
    matches.difference,
    matches.tolerance_amount,
    kinds.line_kind as largest_difference_in,
    matches.status,
    matches.is_provisional,
    late.received_at as late_since
from matches
left join kinds
    on
        matches.issuer is not distinct from kinds.issuer
        and matches.invoice_id is not distinct from kinds.invoice_id
        and matches.billing_period = kinds.billing_period
        and matches.currency = kinds.currency
left join late
    on
        matches.issuer = late.issuer
        and matches.invoice_id = late.invoice_id
        and matches.billing_period = late.billing_period
        and matches.currency = late.currency
where matches.line_kind = 'total'
order by matches.billing_period asc, abs(matches.difference) desc, matches.issuer asc, matches.invoice_id asc
