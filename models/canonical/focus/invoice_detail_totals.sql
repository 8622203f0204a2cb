{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('partitions')) }}",
) }}

select
    partition_id,
    partition_version,
    invoice_issuer,
    invoice_id,
    invoice_detail_id,
    billing_account_id,
    billing_currency,
    billing_period_start,
    billing_period_end,
    charge_category,
    count(*) as charge_count,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
    max(charge_period_end) as charged_until
from {{ ref('charges') }}
where {{ is_changed_partition(ref('partitions')) }}
group by
    partition_id, partition_version, invoice_issuer, invoice_id, invoice_detail_id, billing_account_id,
    billing_currency, billing_period_start, billing_period_end, charge_category
