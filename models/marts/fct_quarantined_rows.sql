select
    source,
    file_id,
    path,
    cast(file_row as bigint) as file_row,
    column_name,
    value,
    reason,
    cast(amount as decimal(38, 18)) as amount,
    currency,
    billing_period
from {{ ref('quarantined_rows') }}
