{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('pricing_partitions')) }}",
) }}

select
    partition_id,
    partition_version,
    counterparty,
    billing_account_id,
    billing_period,
    currency,
    cast(coalesce(sum(expected_amount), 0) as {{ decimal_type() }}) as expected_net,
    count(*) filter (
        where expected_amount is null
        and charge_kind not in ('amortisation', 'cost_share', 'commitment_unused', 'rounding')
    ) as unpriced_rows
from {{ ref('expected_charges') }}
where charge_kind not in ('tax', 'credit') and {{ is_changed_partition(ref('pricing_partitions')) }}
group by partition_id, partition_version, counterparty, billing_account_id, billing_period, currency
