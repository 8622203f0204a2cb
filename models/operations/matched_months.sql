-- What reconciliation came to in the months that indicators look at: they read this, not the match keys.
with

windows as (
    select * from {{ ref('sli_windows') }}
    where sli_id in ('RM1', 'RM2', 'RM3', 'RM4', 'RM6', 'RM7', 'TM6')
),

months as (
    select distinct partitions.billing_period
    from {{ ref('timed_partitions') }} as partitions
    inner join windows
        on
            partitions.billing_period + interval 1 month > windows.window_starts_at
            and partitions.billing_period <= windows.window_ends_at
),

worked as (
    select
        diff_id,
        status
    from {{ ref('exceptions') }}
    where amount_at_risk > 0
)

select
    diffs.direction,
    diffs.counterparty,
    diffs.invoice_id,
    diffs.billing_period,
    diffs.currency,
    count(*) as key_count,
    count(*) filter (where diffs.status = 'exception') as exception_count,
    count(*) filter (where worked.status != 'auto_resolved') as worked_count,
    count(*) filter (where worked.status = 'disputed') as disputed_count,
    count(*) filter (where diffs.assurance in ('independent', 'rate_checked')) as checked_count,
    cast(sum(abs(diffs.billed_amount)) as {{ decimal_type() }}) as billed_amount,
    cast(coalesce(sum(abs(diffs.billed_amount)) filter (
        where diffs.assurance in ('independent', 'rate_checked')
        and coalesce(worked.status, 'auto_resolved') = 'auto_resolved'
    ), 0) as {{ decimal_type() }}) as checked_amount,
    cast(coalesce(sum(abs(diffs.billed_amount)) filter (where worked.diff_id is null), 0) as {{ decimal_type() }})
        as matched_amount,
    cast(coalesce(sum(abs(diffs.variance_amount)) filter (where worked.diff_id is null), 0) as {{ decimal_type() }})
        as matched_variance_amount
from {{ ref('reconciliation_diffs') }} as diffs
inner join months on diffs.billing_period = months.billing_period
left join worked on diffs.diff_id = worked.diff_id
group by diffs.direction, diffs.counterparty, diffs.invoice_id, diffs.billing_period, diffs.currency
