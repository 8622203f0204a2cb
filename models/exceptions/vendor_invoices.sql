-- Vendors' invoices as they are to be paid: due as they say, else as their contract says.
with

terms as (
    select
        counterparty,
        min(payment_terms_days) as payment_terms_days
    from {{ ref('contract_versions') }}
    where direction = 'payable'
    group by counterparty
),

invoices as (
    select
        issuer,
        invoice_id,
        currency,
        max(issued_at) as issued_at,
        max(due_at) as stated_due_at,
        cast(sum(amount_owed) as {{ decimal_type() }}) as amount,
        bool_or(is_provisional) as is_provisional,
        string_agg(distinct po_number, ', ' order by po_number) as po_numbers
    from {{ ref('invoice_lines') }}
    where direction = 'payable' and not is_void
    group by issuer, invoice_id, currency
)

select
    invoices.issuer,
    invoices.invoice_id,
    invoices.currency,
    invoices.issued_at,
    invoices.amount,
    invoices.is_provisional,
    invoices.po_numbers,
    coalesce(invoices.stated_due_at, invoices.issued_at + interval 1 day * terms.payment_terms_days) as due_at
from invoices
left join terms on invoices.issuer = terms.counterparty
