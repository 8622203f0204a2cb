-- depends_on: {{ ref('pricing_partitions') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(pricing_partitions_of('receivable')) }}",
        "{{ narrow('partitions', 'partition_version', pricing_partitions_of('receivable'), pricing_partitions_of('receivable')) }}",
    ],
    post_hook="reset variable narrowed_partitions",
) }}

-- depends_on: {{ ref('gate_pricing') }}
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
    and {{ is_changed_partition(pricing_partitions_of('receivable')) }}
group by
    partition_version, billing_period, contract_id, rate_card_id, scope_id, sku_id, window_start, currency
