-- Indicators of invoices; an indicator without anything to measure has no row.
with

waits as (
    select
        direction,
        counterparty,
        invoice_id,
        max(age_hours) as hours
    from {{ ref('exceptions') }}
    where invoice_id is not null
    group by direction, counterparty, invoice_id
),

invoices as (
    select
        windows.sli_id,
        months.direction,
        months.counterparty,
        months.invoice_id,
        sum(months.worked_count) as worked_count,
        sum(months.checked_count) as checked_count
    from {{ ref('sli_windows') }} as windows
    inner join {{ ref('matched_months') }} as months
        on
            windows.window_starts_at < months.billing_period + interval 1 month
            and windows.window_ends_at >= months.billing_period
    where windows.sli_id in ('RM1', 'RM3', 'RM4') and months.invoice_id is not null
    group by windows.sli_id, months.direction, months.counterparty, months.invoice_id
)

select
    sli_id,
    {{ exact_ratio('count(*) filter (where worked_count = 0 and checked_count > 0) * 100', 'count(*)') }} as sli_value
from invoices
where sli_id = 'RM1'
group by sli_id
union all
select
    sli_id,
    {{ exact_ratio('sum(worked_count)', 'count(*)') }} as sli_value
from invoices
where sli_id = 'RM3'
group by sli_id
union all
select
    invoices.sli_id,
    cast({{ quantile_of('coalesce(waits.hours, 0)') }} as decimal(38, 6)) as sli_value
from invoices
left join waits
    on
        invoices.direction = waits.direction
        and invoices.counterparty = waits.counterparty
        and invoices.invoice_id = waits.invoice_id
where invoices.sli_id = 'RM4'
group by invoices.sli_id
