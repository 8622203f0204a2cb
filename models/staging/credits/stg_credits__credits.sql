with source as (
    select * from {{ source('raw', 'credits') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('credit_id') }} as credit_id,
    {{ raw_text('contract_id') }} as contract_id,

    -- attributes
    cast({{ raw_text('priority') }} as integer) as priority,
    {{ raw_text('currency') }} as currency,
    {{ raw_text('skus') }} as skus,

    -- amounts
    {{ raw_decimal('amount') }} as amount,

    -- times
    {{ raw_timestamp('granted_at') }} as granted_at,
    {{ raw_timestamp('expires_at') }} as expires_at
from source
