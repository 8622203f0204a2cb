-- What to pay of each vendor's invoice: all of it, less what is disputed, or nothing until somebody has decided.
with

disputed as (
    select
        invoice_issuer,
        invoice_id,
        currency,
        sum(greatest(claimed_amount - recovered_amount, 0)) as disputed_amount
    from {{ ref('disputes') }}
    where outcome = 'open' and kind = 'vendor' and invoice_id is not null
    group by invoice_issuer, invoice_id, currency
),

-- billed too much, as it seems, and nobody has said what is to become of it
undecided as (
    select
        invoices.issuer,
        invoices.invoice_id,
        exceptions.currency,
        count(*) as exception_count,
        sum(exceptions.amount_at_risk) as undecided_amount
    from {{ ref('exceptions') }} as exceptions
    inner join {{ ref('invoice_names') }} as invoices on exceptions.invoice_id = invoices.invoice_name
    where
        exceptions.direction = 'payable'
        and exceptions.status in ('open', 'in_review')
        and exceptions.variance_amount > 0
        and exceptions.cause != 'unpriced'
    group by invoices.issuer, invoices.invoice_id, exceptions.currency
),

draws as (
    select
        issuer,
        invoice_id,
        currency,
        string_agg(fault, '; ' order by fault) as faults
    from {{ ref('purchase_order_draws') }}
    group by issuer, invoice_id, currency
),

judged as (
    select
        invoices.*,
        cast(least(coalesce(disputed.disputed_amount, 0), greatest(invoices.amount, 0)) as {{ decimal_type() }})
            as disputed_amount,
        cast(coalesce(undecided.undecided_amount, 0) as {{ decimal_type() }}) as undecided_amount,
        nullif(concat_ws(
            '; ',
            case when invoices.is_provisional then 'a draft' end,
            draws.faults,
            undecided.exception_count || ' differences of ' || cast(undecided.undecided_amount as decimal(38, 2)) || ' '
            || invoices.currency || ' wait for a decision'
        ), '') as hold_reason
    from {{ ref('vendor_invoices') }} as invoices
    left join disputed
        on
            invoices.issuer = disputed.invoice_issuer
            and invoices.invoice_id = disputed.invoice_id
            and invoices.currency = disputed.currency
    left join undecided
        on
            invoices.issuer = undecided.issuer
            and invoices.invoice_id = undecided.invoice_id
            and invoices.currency = undecided.currency
    left join draws
        on
            invoices.issuer = draws.issuer
            and invoices.invoice_id = draws.invoice_id
            and invoices.currency = draws.currency
)

select
    *,
    case
        when hold_reason is not null then 'hold'
        when disputed_amount > 0 then 'short_pay'
        else 'approve'
    end as recommendation,
    case when hold_reason is null then amount - disputed_amount else 0 end as payable_amount
from judged
