{{ config(tags=['law']) }}
-- Law 3. Guards against a difference that is only partly explained, or explained twice.
select
    diff_id,
    billed_amount,
    expected_amount,
    variance_amount
from {{ ref('fct_reconciliation_diffs') }}
where
    variance_amount != billed_amount - expected_amount
    or variance_amount != quantity_variance + rate_variance + missing_usage_variance + duplicate_variance
    + timing_variance + unbilled_variance + sku_variance + discount_variance + fx_variance + tax_variance
    + credit_variance + rounding_variance + unexplained_variance
