select
    run_id,
    source,
    path,
    reason,
    attempts,
    failed_at
from {{ ref('read_failures') }}
