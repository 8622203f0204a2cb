select * from {{ source('landing', 'schema_changes') }}
