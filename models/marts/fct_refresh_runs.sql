select
    run_id,
    as_of,
    step,
    started_at,
    seconds,
    row_count,
    peak_memory_bytes,
    status,
    detail
from {{ ref('refresh_runs') }}
