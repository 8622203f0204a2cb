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
        * exclude (row_count, amount),
        row_count as invoice_rows,
        0 as export_rows,
        amount as invoice_amount,
        0 as export_amount
    from invoiced
    union all by name
    select
        * exclude (row_count, amount),
        0 as invoice_rows,
        row_count as export_rows,
        0 as invoice_amount,
        amount as export_amount
    from exported
)

select
    direction,
    issuer,
    invoice_id,
    min(account_id) as account_id,
    billing_period,
    currency,
    case when grouping(line_kind) = 1 then 'total' else line_kind end as line_kind,
    cast(sum(invoice_rows) as bigint) as invoice_rows,
    cast(sum(export_rows) as bigint) as export_rows,
    cast(sum(invoice_amount) as {{ decimal_type() }}) as invoice_amount,
    cast(sum(export_amount) as {{ decimal_type() }}) as export_amount,
    coalesce(bool_or(is_provisional), true) as is_provisional,
    min(due_at) as due_at
from sides
group by grouping sets (
    (direction, issuer, invoice_id, billing_period, currency, line_kind),
    (direction, issuer, invoice_id, billing_period, currency)
)
