-- What comes after its month is reconciled for itself: it stands where it came, and names the month that it is of.
with

-- a day of a provider's time zone may begin in the month before
corrections as (
    select
        'payable' as direction,
        case when charges.charge_kind in ('credit', 'refund') then charges.charge_kind else 'correction' end as kind,
        charges.provider as counterparty,
        charges.billing_account_id as account_id,
        charges.sku_id,
        cast(null as varchar) as meter_id,
        charges.invoice_id,
        cast(date_trunc('month', charges.charge_period_start) as date) as origin_period,
        charges.billing_period as posting_period,
        times.received_at as seen_at,
        1 as row_count,
        charges.billed_cost as amount,
        charges.billing_currency as currency
    from {{ ref('charges') }} as charges
    inner join {{ ref('partition_file_times') }} as times
        on charges.source = times.source and charges.file_id = times.file_id
    where
        (charges.charge_kind in ('credit', 'refund', 'adjustment') or charges.charge_class = 'Correction')
        and charges.charge_period_start < charges.billing_period - interval 1 day
),

late_usage as (
    select
        'receivable' as direction,
        'late_usage' as kind,
        counterparty,
        account_id,
        sku_id,
        meter_id,
        invoice_id,
        billing_period as origin_period,
        cast(date_trunc('month', first_seen_at) as date) as posting_period,
        first_seen_at as seen_at,
        row_count,
        amount,
        currency
    from {{ ref('late_usage_dues') }}
),

-- of an invoice that is delivered in several versions the first one counts
arrivals as (
    select
        direction,
        issuer,
        invoice_id,
        min(received_at) as received_at
    from {{ ref('invoice_records') }}
    group by direction, issuer, invoice_id
),

late_invoices as (
    select
        invoiced.direction,
        'late_invoice' as kind,
        case when invoiced.direction = 'payable' then invoiced.issuer else invoiced.recipient end as counterparty,
        invoiced.account_id,
        cast(null as varchar) as sku_id,
        cast(null as varchar) as meter_id,
        invoiced.invoice_id,
        invoiced.billing_period as origin_period,
        cast(date_trunc('month', arrivals.received_at) as date) as posting_period,
        arrivals.received_at as seen_at,
        1 as row_count,
        invoiced.amount_owed as amount,
        invoiced.currency
    from {{ ref('invoice_lines') }} as invoiced
    inner join arrivals
        on
            invoiced.direction = arrivals.direction
            and invoiced.issuer = arrivals.issuer
            and invoiced.invoice_id = arrivals.invoice_id
    inner join {{ ref('closed_periods') }} as closes
        on invoiced.direction = closes.direction and invoiced.billing_period = closes.billing_period
    where arrivals.received_at > closes.closed_at
),

happened as (
    select * from corrections
    union all
    select * from late_usage
    union all
    select * from late_invoices
)

select
    happened.*,
    case
        when closes.closed_at is null or happened.seen_at <= closes.closed_at then 'open'
        when happened.seen_at <= closes.final_at then 'grace'
        else 'final'
    end as origin_status
from happened
left join {{ ref('closed_periods') }} as closes
    on happened.direction = closes.direction and happened.origin_period = closes.billing_period
