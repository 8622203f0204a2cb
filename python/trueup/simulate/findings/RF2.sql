-- A SKU that ended while another of the same price and shape began, and what is billed under the new id.
select
    candidates.old_sku_id || ' > ' || candidates.new_sku_id as subject,
    charges.billing_period,
    'sku' as cause,
    sum(charges.billed_cost) as amount,
    charges.billing_currency as currency
from marts.fct_sku_rename_candidates as candidates
inner join marts.fct_charges as charges
    on candidates.source = charges.source and candidates.new_sku_id = charges.sku_id
group by candidates.old_sku_id, candidates.new_sku_id, charges.billing_period, charges.billing_currency
