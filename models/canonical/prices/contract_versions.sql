-- a row repeated word for word is one row
select distinct
    contract_id,
    version as contract_version,
    direction,
    counterparty,
    coalesce(nullif(concat_ws(';', account_id, account_ids), ''), '*') as account_patterns,
    rate_card_id,
    currency,
    discount_percent,
    coalesce(discount_skus, '*') as discount_skus,
    tax_rate,
    effective_from,
    coalesce(effective_to, date '9999-12-31') as effective_to
from {{ ref('stg_contracts__contract_versions') }}
