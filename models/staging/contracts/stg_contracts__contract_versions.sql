with source as (
    select * from {{ source('raw', 'contracts') }}
)

select
    -- ids
    file_id,
    file_row,
    {{ raw_text('contract_id') }} as contract_id,
    {{ raw_text('version') }} as version,
    {{ raw_text('account_id') }} as account_id,
    {{ raw_text('account_ids') }} as account_ids,
    {{ raw_text('rate_card_id') }} as rate_card_id,
    {{ raw_text('rate_card_ids') }} as rate_card_ids,

    -- attributes
    {{ raw_text('direction') }} as direction,
    {{ raw_text('counterparty') }} as counterparty,
    {{ raw_text('currency') }} as currency,
    {{ raw_text('discount_skus') }} as discount_skus,
    {{ raw_text('commit_skus') }} as commit_skus,
    {{ raw_text('commit_period') }} as commit_period,
    {{ raw_text('period_anchor') }} as period_anchor,
    {{ raw_text('time_zone') }} as time_zone,
    {{ raw_text('tax_scope') }} as tax_scope,
    cast({{ raw_text('tax_included') }} as boolean) as is_tax_included,
    cast({{ raw_text('payment_terms_days') }} as integer) as payment_terms_days,

    -- amounts
    {{ raw_decimal('discount_percent') }} as discount_percent,
    {{ raw_decimal('fixed_discount') }} as fixed_discount,
    {{ raw_decimal('minimum_commit_amount') }} as minimum_commit_amount,
    {{ raw_decimal('prepaid_credit_amount') }} as prepaid_credit_amount,
    {{ raw_decimal('tax_rate') }} as tax_rate,

    -- times
    {{ raw_date('effective_from') }} as effective_from,
    {{ raw_date('effective_to') }} as effective_to
from source
