with source as (
    select * from {{ source('raw', 'owners') }}
)

select
    -- ids
    file_id,
    file_row,

    -- what matches
    cast({{ raw_decimal('priority') }} as integer) as priority,
    {{ raw_text('match_on') }} as match_on,
    {{ raw_text('pattern') }} as pattern,
    {{ raw_text('and_match') }} as and_match,

    -- what it becomes
    {{ raw_text('owner') }} as owner,
    {{ raw_text('product') }} as product,
    {{ raw_text('cost_center') }} as cost_center,
    {{ raw_text('environment') }} as environment,
    {{ raw_text('tenant') }} as tenant,

    -- times
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from source
