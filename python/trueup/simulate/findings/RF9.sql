-- SKUs priced in tiers that are billed at other rates than the card's. Where a day is missing, its tiers cannot be told.
select
    diffs.sku_id as subject,
    diffs.billing_period,
    'rate' as cause,
    sum(diffs.rate_variance) as amount,
    diffs.currency
from marts.fct_reconciliation_diffs as diffs
where
    diffs.sku_id in (
        select sku_id from marts.fct_expected_charges
        where json_extract_string(tier_detail, '$[#-1].tier') > '1'
    )
    and not exists (
        select 1
        from marts.fct_completeness as days
        where
            days.provider = diffs.counterparty
            and days.status = 'missing'
            and date_trunc('month', days.expected_on) = diffs.billing_period
    )
group by diffs.sku_id, diffs.billing_period, diffs.currency
having bool_or(diffs.cause = 'rate' and diffs.status = 'exception')
