{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('partitions')) }}",
) }}

select
    partition_id,
    partition_version,
    source,
    provider,
    coalesce(sub_account_id, billing_account_id) as account_id,
    service_name,
    sku_id,
    pricing_unit as unit,
    coalesce(contracted_unit_price, list_unit_price) as unit_price,
    cast(charge_period_start as date) as usage_date,
    cast(sum(pricing_quantity) as {{ decimal_type() }}) as quantity,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost
from {{ ref('charges') }}
where
    charge_kind = 'usage'
    and sku_id is not null
    and pricing_quantity is not null
    and {{ is_changed_partition(ref('partitions')) }}
group by
    partition_id, partition_version, source, provider, coalesce(sub_account_id, billing_account_id), service_name,
    sku_id, pricing_unit, coalesce(contracted_unit_price, list_unit_price), cast(charge_period_start as date)
