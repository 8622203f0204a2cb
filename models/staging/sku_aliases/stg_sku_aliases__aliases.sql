with aliases as (
    select * from {{ source('raw', 'sku_aliases') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('source') }} as source,
    {{ raw_text('old_sku_id') }} as old_sku_id,
    {{ raw_text('new_sku_id') }} as new_sku_id,

    -- attributes
    {{ raw_text('reason') }} as reason,

    -- times
    {{ raw_date('valid_from') }} as valid_from
from aliases
