with source as (
    select * from {{ source('raw', 'accounts') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('account_id') }} as account_id,

    -- attributes
    {{ raw_text('customer') }} as customer,
    {{ raw_text('tier') }} as tier,
    {{ raw_text('tenant') }} as tenant,
    {{ raw_text('cohort') }} as cohort,
    {{ raw_text('legal_entity') }} as legal_entity,
    {{ raw_text('tax_jurisdiction') }} as tax_jurisdiction,

    -- times
    {{ raw_date('valid_from') }} as valid_from,
    {{ raw_date('valid_to') }} as valid_to
from source
