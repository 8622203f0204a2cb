-- SKUs of one price that are billed at another one than the card's.
select
    diffs.sku_id as subject,
    diffs.billing_period,
    'rate' as cause,
    sum(diffs.rate_variance) as amount,
    diffs.currency
from marts.fct_reconciliation_diffs as diffs
where
    diffs.price_source = 'contract'
    and diffs.charge_kind = 'usage'
    and diffs.sku_id not in (
        select sku_id from marts.fct_expected_charges
        where json_extract_string(tier_detail, '$[#-1].tier') > '1'
    )
group by diffs.sku_id, diffs.billing_period, diffs.currency
having bool_or(diffs.cause = 'rate' and diffs.status = 'exception')
