select
    source,
    file_id,
    min(make_timestamp(modified_ns // 1000)) as received_at,
    min(landed_at) as landed_at
from {{ source('landing', 'files') }}
where status = 'archived'
group by source, file_id
