-- The directory's word on an owner; of several the one that was delivered last.
select
    owners.owner,
    owners.cost_center,
    owners.charging_mode,
    owners.approver,
    owners.legal_entity
from {{ ref('stg_owner_directory__owners') }} as owners
left join {{ ref('partition_file_times') }} as times
    on times.source = 'owner_directory' and owners.file_id = times.file_id
qualify row_number() over (
    partition by owners.owner order by times.received_at desc, owners.file_id desc, owners.file_row desc
) = 1
