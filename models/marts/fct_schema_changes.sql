select
    source,
    feed,
    file_id,
    path,
    column_name,
    change,
    renamed_to,
    is_breaking,
    action,
    previous_schema_id,
    schema_id,
    found_at
from {{ ref('schema_changes') }}
