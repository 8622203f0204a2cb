select
    delivery_id,
    source,
    feed,
    billing_period,
    delivery_kind,
    delivery_key,
    delivered_at,
    cast(file_count as bigint) as file_count,
    row_count,
    rows_quarantined,
    missing_files,
    status,
    reason,
    doubled_by_feed,
    cast(doubled_charges as bigint) as doubled_charges,
    doubled_money
from {{ ref('deliveries') }}
