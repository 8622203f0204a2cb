-- Invoice against export, by kind of line and in total. A correction of an invoice counts with the invoice.
with

invoiced as (
    select
        direction,
        issuer,
        coalesce(original_invoice_id, invoice_id) as invoice_id,
        account_id,
        billing_period,
        currency,
        case
            when direction = 'payable' then line_kind else {{ invoice_kind('line_kind') }}
        end as line_kind,
        count(*) as row_count,
        cast(sum(amount_owed) as {{ decimal_type() }}) as amount,
        bool_or(is_provisional) as is_provisional,
        min(due_at) as due_at
    from {{ ref('invoice_lines') }}
    group by
        direction, issuer, coalesce(original_invoice_id, invoice_id), account_id, billing_period, currency,
        case when direction = 'payable' then line_kind else {{ invoice_kind('line_kind') }} end
),

-- an export without invoice numbers belongs to the first invoice of its account's month
heads as (
    select
        direction,
        issuer,
        account_id,
        billing_period,
        currency,
        min(invoice_id) as invoice_id
    from invoiced
    group by direction, issuer, account_id, billing_period, currency
),

exported as (
    select
        exports.direction,
        coalesce(exports.issuer, heads.issuer) as issuer,
        coalesce(exports.invoice_id, heads.invoice_id) as invoice_id,
        exports.account_id,
        exports.billing_period,
        exports.currency,
        exports.line_kind,
        exports.row_count,
        exports.amount
    from {{ ref('exported_invoices') }} as exports
    left join heads
        on
            exports.invoice_id is null
            and exports.direction = heads.direction
            and coalesce(exports.issuer, heads.issuer) = heads.issuer
            and exports.account_id = heads.account_id
            and exports.billing_period = heads.billing_period
            and exports.currency = heads.currency
),

sides as (
    select
        *,
        true as is_invoiced
    from invoiced
    union all by name
    select
        *,
        false as is_invoiced
    from exported
),

-- the total leaves tax out, which many exports do not carry
counted as (
    select * from sides
    union all
    select * replace ('total' as line_kind)
    from sides
    where line_kind != 'tax'
)

select
    direction,
    issuer,
    invoice_id,
    min(account_id) as account_id,
    billing_period,
    currency,
    line_kind,
    cast(coalesce(sum(row_count) filter (where is_invoiced), 0) as bigint) as invoice_rows,
    cast(coalesce(sum(row_count) filter (where not is_invoiced), 0) as bigint) as export_rows,
    cast(coalesce(sum(amount) filter (where is_invoiced), 0) as {{ decimal_type() }}) as invoice_amount,
    cast(coalesce(sum(amount) filter (where not is_invoiced), 0) as {{ decimal_type() }}) as export_amount,
    coalesce(bool_or(is_provisional), true) as is_provisional,
    min(due_at) as due_at
from counted
group by direction, issuer, invoice_id, billing_period, currency, line_kind
