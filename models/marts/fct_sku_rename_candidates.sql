select
    source,
    provider,
    service_name,
    unit,
    old_sku_id,
    new_sku_id,
    valid_from,
    unit_price,
    account_count,
    similarity_percent,
    new_billed_cost,
    status
from {{ ref('sku_rename_candidates') }}
