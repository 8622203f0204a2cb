with source as (
    select * from {{ source('raw', 'entity_markups') }}
)

select
    -- ids
    file_id,
    file_row,

    -- attributes
    {{ raw_text('from_entity') }} as from_entity,
    {{ raw_text('to_entity') }} as to_entity,

    -- amounts
    {{ raw_decimal('percent') }} as markup_percent,

    -- times
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from source
