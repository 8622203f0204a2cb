-- A SKU that ended while another of the same price and shape began.
select
    old_sku_id || ' > ' || new_sku_id as subject,
    date_trunc('month', valid_from) as billing_period,
    'sku' as cause,
    new_billed_cost as amount
from marts.fct_sku_rename_candidates
