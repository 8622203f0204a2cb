-- What an invoice may be called by: its number, where only one issuer has it, or issuer and number.
with

invoices as (
    select distinct
        direction,
        issuer,
        invoice_id
    from {{ ref('invoice_lines') }}
)

select
    *,
    issuer || '/' || invoice_id as invoice_name
from invoices
union all
select
    *,
    invoice_id as invoice_name
from invoices
qualify count(*) over (partition by invoice_id) = 1
