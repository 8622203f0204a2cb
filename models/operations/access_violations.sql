-- What landing found open, and what the access log says was asked for and denied.
select
    run_id,
    kind,
    coalesce(folder, 'home') as place,
    path,
    file_count as violation_count,
    found_at
from {{ source('landing', 'access_violations') }}
union all
select
    cast(null as varchar) as run_id,
    'denied' as kind,
    object_name as place,
    actor as path,
    count(*) as violation_count,
    accessed_at as found_at
from {{ ref('stg_access_log__accesses') }}
where outcome = 'denied'
group by object_name, actor, accessed_at
