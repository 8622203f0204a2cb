with source as (
    select * from {{ source('raw', 'entitlements') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('contract_id') }} as contract_id,
    {{ raw_text('version') }} as version,
    {{ raw_text('account_id') }} as account_id,
    {{ raw_text('meter_id') }} as meter_id,

    -- attributes
    {{ raw_text('period') }} as period,
    {{ raw_text('overage_policy') }} as overage_policy,
    {{ raw_text('pool') }} as pool,

    -- amounts
    {{ raw_decimal('included_quantity') }} as included_quantity,
    {{ raw_decimal('tolerance_percent') }} as tolerance_percent,
    {{ raw_decimal('rollover_quantity') }} as rollover_quantity,

    -- times
    {{ raw_date('effective_from') }} as effective_from,
    {{ raw_date('effective_to') }} as effective_to
from source
