-- Which row of which raw file stands behind each side of every difference, and what is the file's hash?
with

rows_behind as (
    select
        diff_id,
        side,
        row_id,
        quantity,
        amount,
        file_id,
        file_row
    from {{ ref('fct_diff_members') }}
    union all
    -- the usage events that a vendor's line is compared with
    select
        diff_id,
        side,
        row_id,
        quantity,
        amount,
        file_id,
        file_row
    from {{ ref('fct_exception_evidence') }}
    where side = 'usage'
),

-- the same content can lie under several paths
files as (
    select
        file_id,
        min(path) as path,
        min(sha256) as sha256
    from {{ ref('fct_landed_files') }}
    group by file_id
)

select
    diffs.diff_id,
    diffs.direction,
    diffs.counterparty,
    diffs.billing_period,
    diffs.cause,
    diffs.status,
    diffs.variance_amount,
    diffs.currency,
    rows_behind.side,
    rows_behind.row_id,
    rows_behind.quantity,
    rows_behind.amount,
    files.path,
    files.sha256,
    rows_behind.file_row
from {{ ref('fct_reconciliation_diffs') }} as diffs
inner join rows_behind on diffs.diff_id = rows_behind.diff_id
left join files on rows_behind.file_id = files.file_id
order by
    abs(diffs.variance_amount) desc, diffs.diff_id asc, rows_behind.side asc, files.path asc, rows_behind.file_row asc
