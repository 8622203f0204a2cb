{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('partitions')) }}",
) }}

-- depends_on: {{ ref('gate_canonical') }}
select
    partition_id,
    partition_version,
    provider,
    billing_account_id,
    coalesce(sub_account_id, billing_account_id) as account_id,
    region_id,
    resource_id,
    sku_id,
    pricing_unit as unit,
    billing_currency,
    billing_period,
    cast(charge_period_start as date) as usage_date,
    cast(coalesce(sum(pricing_quantity), 0) as {{ decimal_type() }}) as quantity,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
from {{ ref('charges') }}
where
    charge_kind in ('usage', 'commitment_usage', 'amortisation')
    and resource_id is not null
    and {{ is_changed_partition(ref('partitions')) }}
group by
    partition_id, partition_version, provider, billing_account_id, coalesce(sub_account_id, billing_account_id),
    region_id, resource_id, sku_id, pricing_unit, billing_currency, billing_period, cast(charge_period_start as date)
