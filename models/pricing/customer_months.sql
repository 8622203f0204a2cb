{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('pricing_partitions')) }}",
        "{{ narrow('partitions', 'partition_version', ref('pricing_partitions'), ref('pricing_partitions')) }}",
    ],
    post_hook="reset variable narrowed_partitions",
) }}

select
    partition_version,
    billing_period,
    contract_id,
    rate_card_id,
    max(rate_version) as rate_version,
    scope_id,
    sku_id,
    window_start,
    currency,
    cast(coalesce(sum(amount), 0) as {{ decimal_type() }}) as amount,
    count(*) filter (where amount is null) as unpriced_rows
from {{ ref('priced_usage') }}
where
    direction != 'payable'
    and {{ is_changed_partition(ref('pricing_partitions')) }}
group by
    partition_version, billing_period, contract_id, rate_card_id, scope_id, sku_id, window_start, currency
