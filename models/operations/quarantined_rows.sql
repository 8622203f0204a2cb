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
from {{ source('landing', 'quarantined_rows') }} as bad
inner join {{ source('landing', 'files') }} as files on bad.source = files.source and bad.file_id = files.file_id
group by
    bad.source, bad.file_id, bad.file_row, bad.column_name, bad.value, bad.reason, bad.amount, bad.currency,
    bad.billing_period
