with source as (
    select * from {{ source('raw', 'gl_accounts') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('gl_account') }} as gl_account,

    -- attributes
    nullif(split_part({{ raw_text('match') }}, ';', 1), '') as charge_kind_pattern,
    nullif(split_part({{ raw_text('match') }}, ';', 2), '') as service_pattern,
    nullif(split_part({{ raw_text('match') }}, ';', 3), '') as owner_pattern,
    {{ raw_text('cost_center') }} as cost_center
from source
