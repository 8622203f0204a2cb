with

refused as (
    select * from {{ source('landing', 'quarantined_rows') }}
    union all by name
    select * exclude (disposition)
    from {{ ref('record_twins') }}
    where disposition = 'quarantined'
)

select
    bad.source,
    bad.file_id,
    min(files.path) as path,
    bad.file_row,
    bad.column_name,
    bad.value,
    bad.reason,
    bad.amount,
    bad.currency,
    bad.billing_period
from refused as bad
inner join {{ source('landing', 'files') }} as files on bad.source = files.source and bad.file_id = files.file_id
group by
    bad.source, bad.file_id, bad.file_row, bad.column_name, bad.value, bad.reason, bad.amount, bad.currency,
    bad.billing_period
