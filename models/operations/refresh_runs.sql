select * from {{ source('landing', 'runs') }}
