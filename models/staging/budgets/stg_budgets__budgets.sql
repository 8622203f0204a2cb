with source as (
    select * from {{ source('raw', 'budgets') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('budget_id') }} as budget_id,

    -- attributes
    {{ raw_text('owner') }} as owner,
    {{ raw_text('product') }} as product,
    {{ raw_text('currency') }} as currency,

    -- amounts
    {{ raw_decimal('amount') }} as amount,

    -- times
    {{ raw_date('period_start') }} as period_start,
    {{ raw_date('period_end') }} as period_end
from source
