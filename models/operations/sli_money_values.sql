-- Indicators of money and rows; an indicator without anything to measure has no row.
with

windows as (
    select * from {{ ref('sli_windows') }}
),

unallocated as (
    select
        windows.sli_id,
        coalesce(sum(abs(owners.effective_cost)) filter (where owners.owner = 'unattributed'), 0) as measured,
        sum(abs(owners.effective_cost)) as base
    from windows
    inner join {{ ref('resource_owners') }} as owners
        on
            windows.window_starts_at < owners.billing_period + interval 1 month
            and windows.window_ends_at >= owners.billing_period
    where windows.sli_id = 'EM3'
    group by windows.sli_id, owners.billing_currency
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
),

anomalies as (
    select
        windows.sli_id,
        cast(count(*) filter (where judged.is_anomaly) as decimal(38, 6)) as sli_value
    from windows
    inner join {{ ref('judged_service_days') }} as judged
        on windows.window_starts_at < judged.usage_date and windows.window_ends_at >= judged.usage_date
    where windows.sli_id = 'EM8'
    group by windows.sli_id
)

select
    sli_id,
    {{ exact_ratio('measured * 100', 'base') }} as sli_value
from duplicate_lines
union all
select * from anomalies
union all
select
    sli_id,
    max({{ exact_ratio('measured * 100', 'base') }}) as sli_value
from unallocated
group by sli_id
union all
select
    sli_id,
    max({{ exact_ratio('measured * 100', 'base') }}) as sli_value
from deltas
group by sli_id
