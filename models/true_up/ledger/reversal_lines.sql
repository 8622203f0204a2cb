-- Accruals, and corrections of closed periods, are taken back in the period after: by then they are invoiced, or accrued
-- again. An invoice is taken back when it is void.
with

reversed_keys as (
    select distinct reverses
    from {{ ref('ledger_entries') }}
    where reverses is not null
),

void_invoices as (
    select distinct concat_ws('/', issuer, invoice_id) as reference
    from {{ ref('invoice_lines') }}
    where is_void
)

select
    'reversal/' || entries.idempotency_key as idempotency_key,
    entries.line_no,
    'reversal' as event,
    entries.direction,
    entries.charge_kind,
    cast(open_periods.posting_period as timestamp) as effective_at,
    entries.origin_period,
    cast(null as date) as closing_period,
    entries.gl_account,
    entries.cost_center,
    entries.credit as debit,
    entries.debit as credit,
    entries.currency,
    entries.reference,
    entries.idempotency_key as reverses
from {{ ref('ledger_entries') }} as entries
inner join {{ ref('open_periods') }} as open_periods on entries.direction = open_periods.direction
anti join reversed_keys on entries.idempotency_key = reversed_keys.reverses
left join {{ ref('sealed_periods') }} as sealed
    on entries.direction = sealed.direction and entries.posting_period = sealed.posting_period
left join void_invoices on entries.reference = void_invoices.reference
where
    (entries.event in ('accrual', 'correction') and sealed.posting_period is not null)
    or (entries.event in ('vendor_invoice', 'customer_invoice') and void_invoices.reference is not null)
