with source as (
    select * from {{ source('raw', 'owner_directory') }}
)

select
    -- ids
    file_id,
    file_row,

    -- attributes
    {{ raw_text('owner') }} as owner,
    {{ raw_text('cost_center') }} as cost_center,
    {{ raw_text('mode') }} as charging_mode,
    {{ raw_text('approver') }} as approver,
    {{ raw_text('legal_entity') }} as legal_entity
from source
