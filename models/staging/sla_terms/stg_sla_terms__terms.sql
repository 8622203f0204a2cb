with source as (
    select * from {{ source('raw', 'sla_terms') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('contract_id') }} as contract_id,

    -- attributes
    {{ raw_text('metric') }} as metric,

    -- amounts
    {{ raw_decimal('threshold_percent') }} as threshold_percent,
    {{ raw_decimal('credit_percent') }} as credit_percent
from source
