select
    run_id,
    kind,
    coalesce(folder, 'home') as place,
    path,
    file_count as violation_count,
    found_at
from {{ source('landing', 'access_violations') }}
