with source as (
    select * from {{ source('raw', 'fx_rates') }}
)

select
    -- ids
    file_id,
    file_row,
    upper({{ raw_text('from_currency') }}) as from_currency,
    upper({{ raw_text('to_currency') }}) as to_currency,
    {{ raw_text('source') }} as rate_source,

    -- amounts
    {{ raw_decimal('rate') }} as rate,

    -- times
    {{ raw_date('rate_date') }} as rate_date
from source
