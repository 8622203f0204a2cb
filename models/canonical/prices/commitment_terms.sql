-- a row repeated word for word is one row
select distinct
    commitment_id,
    contract_id,
    kind,
    coalesce(sku_pattern, '*') as sku_pattern,
    currency,
    quantity_per_hour,
    amount_per_hour,
    coalesce(upfront_fee, 0) as upfront_fee,
    coalesce(recurring_fee_per_hour, 0) as recurring_fee_per_hour,
    discount_percent,
    starts_at,
    ends_at
from {{ ref('stg_commitments__commitments') }}
