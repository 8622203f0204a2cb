-- Indicators of value and match keys; an indicator without anything to measure has no row.
with

months as (
    select
        windows.sli_id,
        months.currency,
        sum(months.key_count) as key_count,
        sum(months.exception_count) as exception_count,
        sum(months.disputed_count) as disputed_count,
        sum(months.billed_amount) as billed_amount,
        sum(months.checked_amount) as checked_amount,
        sum(months.matched_amount) as matched_amount,
        sum(months.matched_variance_amount) as matched_variance_amount
    from {{ ref('sli_windows') }} as windows
    inner join {{ ref('matched_months') }} as months
        on
            windows.window_starts_at < months.billing_period + interval 1 month
            and windows.window_ends_at >= months.billing_period
    where windows.sli_id in ('RM2', 'RM6', 'RM7', 'TM6')
    group by windows.sli_id, months.currency
)

select
    sli_id,
    min({{ exact_ratio('checked_amount * 100', 'billed_amount') }}) as sli_value
from months
where sli_id = 'RM2'
group by sli_id
union all
select
    sli_id,
    max({{ exact_ratio('matched_variance_amount * 100', 'matched_amount') }}) as sli_value
from months
where sli_id = 'RM6'
group by sli_id
union all
select
    sli_id,
    {{ exact_ratio('sum(disputed_count) * 100', 'sum(key_count)') }} as sli_value
from months
where sli_id = 'RM7'
group by sli_id
union all
select
    sli_id,
    {{ exact_ratio('sum(exception_count) * 100', 'sum(key_count)') }} as sli_value
from months
where sli_id = 'TM6'
group by sli_id
