select
    run_id,
    kind,
    place,
    path,
    violation_count,
    found_at
from {{ ref('access_violations') }}
