-- Indicators of money and rows; an indicator without anything to measure has no row.
with

windows as (
    select * from {{ ref('sli_windows') }}
),

rates as (
    select * from {{ ref('operating_rates') }}
),

duplicate_lines as (
    select
        windows.sli_id,
        sum(files.rows_duplicate) as measured,
        sum(files.rows_total) as base
    from windows
    inner join {{ ref('landed_files') }} as files
        on windows.window_starts_at < files.landed_at and windows.window_ends_at >= files.landed_at
    where windows.sli_id = 'EM4'
    group by windows.sli_id
),

run_costs as (
    select
        windows.sli_id,
        sum({{ exact_product('cast(runs.seconds as decimal(38, 18))', 'rates.rate') }}) as measured,
        3600 as base
    from windows
    inner join {{ ref('refresh_runs') }} as runs
        on windows.window_starts_at < runs.as_of and windows.window_ends_at >= runs.as_of
    inner join rates
        on
            rates.item = 'run_hour'
            and runs.as_of >= rates.valid_from
            and runs.as_of < coalesce(rates.valid_to, date '9999-12-31')
    where windows.sli_id = 'EM5'
    group by windows.sli_id
),

deltas as (
    select
        windows.sli_id,
        coalesce(sum(abs(diffs.variance_amount)) filter (
            where diffs.status = 'exception' and diffs.unpriced_rows = 0
        ), 0) as measured,
        sum(abs(diffs.billed_amount)) as base
    from windows
    inner join {{ ref('reconciliation_diffs') }} as diffs
        on
            windows.window_starts_at < diffs.billing_period + interval 1 month
            and windows.window_ends_at >= diffs.billing_period
    where windows.sli_id = 'EM7'
    group by windows.sli_id, diffs.currency
)

select
    sli_id,
    {{ exact_ratio('measured * 100', 'base') }} as sli_value
from duplicate_lines
union all
select
    sli_id,
    {{ exact_ratio('measured', 'base') }} as sli_value
from run_costs
union all
select
    sli_id,
    max({{ exact_ratio('measured * 100', 'base') }}) as sli_value
from deltas
group by sli_id
