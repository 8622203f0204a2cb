with

lines as (
    select * from {{ ref('stg_invoices__lines') }}
),

judged as (
    select
        lines.*,
        statuses.revision,
        statuses.is_provisional,
        statuses.is_void,
        times.received_at,
        lines.line_kind in ('credit', 'refund') and lines.amount > 0 as has_wrong_sign
    from lines
    left join {{ ref('invoice_statuses') }} as statuses on lines.status = statuses.status
    left join {{ ref('partition_file_times') }} as times
        on times.source = 'invoices' and lines.file_id = times.file_id
)

select
    * exclude (has_wrong_sign),
    -- a line may not change once issued; of two drafts of a line the newer one holds
    case
        when not is_provisional
            then
                {{ identity([
                    'direction', 'recipient', 'account_id', 'issued_at', 'period_start', 'period_end', 'line_kind',
                    'sku_id', 'description', 'quantity', 'unit', 'unit_price', 'amount', 'currency', 'tax_rate',
                    'original_invoice_id', 'due_at', 'stated_total', 'po_number', 'tax_code', 'payment_currency',
                    'payment_amount',
                ]) }}
    end as content,
    case when is_provisional then epoch_us(received_at) else 0 end as preference,
    case when has_wrong_sign then 'amount' end as fault_column,
    case when has_wrong_sign then stated_amount end as fault_value,
    case when has_wrong_sign then 'a ' || line_kind || ' above zero; credits and refunds are negative' end
        as fault_reason
from judged
