-- The shape of the history before its first run, without rows.
select
    cast(null as uuid) as event_id,
    *,
    cast(null as varchar) as event_type,
    cast(null as bigint) as comparison,
    cast(null as timestamp) as recorded_at,
    cast(null as varchar) as run_id
from {{ ref('classified_diffs') }}
where false
