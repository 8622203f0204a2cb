select * from {{ source('landing', 'read_failures') }}
