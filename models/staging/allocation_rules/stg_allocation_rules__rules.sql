with source as (
    select * from {{ source('raw', 'allocation_rules') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('rule_id') }} as rule_id,
    {{ raw_text('driver_id') }} as driver_id,
    {{ raw_text('fallback_driver_id') }} as fallback_driver_id,

    -- attributes
    cast({{ raw_text('priority') }} as integer) as priority,
    {{ raw_text('pool') }} as pool,
    {{ raw_text('method') }} as method,
    {{ raw_text('targets') }} as targets,
    {{ raw_text('fixed_shares') }} as fixed_shares,
    {{ raw_text('weight_by') }} as weight_by,
    {{ raw_text('match_category') }} as match_category,
    {{ raw_text('match_service') }} as match_service,
    cast({{ raw_text('step') }} as integer) as step,

    -- times
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from source
