-- What is due for it. A report has a price of its own where reports are summed; a level, such as the most seats of a
-- month, has one price a month, which is late when all reports of the month are.
with

late as (
    select
        account_id,
        sku_id,
        meter_id,
        billing_period,
        invoice_id,
        min(received_at) as first_seen_at,
        count(*) as row_count
    from {{ ref('late_usage') }}
    group by account_id, sku_id, meter_id, billing_period, invoice_id
),

reports as (
    select
        account_id,
        meter_id,
        billing_period,
        count(*) as row_count
    from {{ ref('usage') }}
    group by account_id, meter_id, billing_period
),

dues as (
    select
        dues.counterparty,
        dues.account_id,
        dues.meter_id,
        dues.billing_period,
        dues.currency,
        cast(sum(dues.expected_amount) as {{ decimal_type() }}) as month_amount,
        cast(coalesce(sum(dues.expected_amount) filter (where late.usage_id is not null), 0) as {{ decimal_type() }})
            as report_amount,
        bool_and(dues.usage_id is not null) as is_summed
    from {{ ref('due_charges') }} as dues
    left join {{ ref('late_usage') }} as late on dues.usage_id = late.usage_id
    where dues.direction = 'receivable' and dues.meter_id is not null
    group by dues.counterparty, dues.account_id, dues.meter_id, dues.billing_period, dues.currency
)

select
    late.*,
    dues.counterparty,
    dues.currency,
    case
        when dues.is_summed then dues.report_amount
        when late.row_count = reports.row_count then dues.month_amount
    end as amount
from late
inner join reports
    on
        late.account_id = reports.account_id
        and late.meter_id = reports.meter_id
        and late.billing_period = reports.billing_period
left join dues
    on
        late.account_id = dues.account_id
        and late.meter_id = dues.meter_id
        and late.billing_period = dues.billing_period
