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
    priced_id as expected_charge_id,
    cast(null as uuid) as charge_id,
    usage_id,
    meter_id,
    direction,
    counterparty,
    contract_id,
    contract_version,
    rate_card_id,
    rate_version,
    contract_discount,
    scope_id,
    window_start,
    local_at,
    billing_account_id,
    account_id,
    sku_id,
    charge_kind,
    billing_period,
    used_at as charge_period_start,
    used_to as charge_period_end,
    quantity,
    quantity as own_quantity,
    cast(null as {{ decimal_type() }}) as provider_quantity,
    unit,
    'own' as quantity_source,
    case when amount is not null then price_source end as price_source,
    case when amount is not null then 'independent' else 'none' end as assurance,
    amount as expected_amount,
    cast(null as {{ decimal_type() }}) as contracted_amount,
    undiscounted_amount,
    currency,
    tier_detail,
    unpriced_quantity,
    unpriced_reason,
    file_id,
    file_row,
    partition_id,
    partition_version
from {{ ref('priced_usage') }}
where
    direction != 'payable'
    and {{ is_changed_partition(pricing_partitions_of('receivable')) }}
