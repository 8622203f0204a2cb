with source as (
    select * from {{ source('raw', 'tag_policies') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('tag_key') }} as tag_key,

    -- attributes
    cast({{ raw_text('required') }} as boolean) as is_required,
    {{ raw_text('allowed_values') }} as allowed_values,
    {{ raw_text('scope') }} as scope
from source
