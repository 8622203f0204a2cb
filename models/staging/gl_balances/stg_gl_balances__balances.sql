with source as (
    select * from {{ source('raw', 'gl_balances') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('gl_account') }} as gl_account,

    -- attributes
    {{ raw_text('currency') }} as currency,

    -- amounts
    {{ raw_decimal('balance') }} as balance,

    -- times
    {{ raw_date('period') }} as billing_period
from source
