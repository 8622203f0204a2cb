with

tolerated as (
    select
        matches.*,
        matches.invoice_amount - matches.export_amount as difference,
        -- FOCUS 1.4: what rounding of lines may come to
        cast(greatest(
            100 * coalesce(currencies.subunit, 0.01),
            cast(sqrt(matches.export_rows) as decimal(18, 6)) * coalesce(currencies.subunit, 0.01) * 0.5
        ) as {{ decimal_type() }}) as tolerance_amount
    from {{ ref('invoice_matches') }} as matches
    left join {{ ref('currencies') }} as currencies on matches.currency = currencies.currency
)

select
    {{ identity(['direction', 'issuer', 'invoice_id', 'account_id', 'billing_period', 'currency', 'line_kind']) }}
        as invoice_match_id,
    direction,
    issuer,
    invoice_id,
    account_id,
    billing_period,
    currency,
    line_kind,
    invoice_rows,
    export_rows,
    invoice_amount,
    export_amount,
    difference,
    tolerance_amount,
    case
        when invoice_rows = 0 then 'not_invoiced'
        when line_kind = 'tax' and export_rows = 0 then 'exempt'
        when export_rows = 0 and difference != 0 then 'not_exported'
        when difference = 0 then 'matched'
        when abs(difference) <= tolerance_amount then 'within_tolerance'
        when is_provisional then 'provisional'
        else 'exception'
    end as status,
    is_provisional,
    due_at
from tolerated
