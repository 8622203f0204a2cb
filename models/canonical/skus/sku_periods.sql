{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('partitions')) }}",
) }}

with

days as (
    select
        partition_id,
        partition_version,
        source,
        provider,
        account_id,
        service_name,
        unit,
        sku_id,
        usage_date,
        max(unit_price) as unit_price
    from {{ ref('sku_days') }}
    where {{ is_changed_partition(ref('partitions')) }}
    group by partition_id, partition_version, source, provider, account_id, service_name, unit, sku_id, usage_date
)

select
    partition_id,
    partition_version,
    source,
    provider,
    account_id,
    service_name,
    unit,
    sku_id,
    min(usage_date) as first_date,
    max(usage_date) as last_date,
    min(usage_date) filter (where unit_price is not null) as first_priced_date,
    max(usage_date) filter (where unit_price is not null) as last_priced_date,
    min_by(unit_price, usage_date) as first_unit_price,
    max_by(unit_price, usage_date) as last_unit_price
from days
group by partition_id, partition_version, source, provider, account_id, service_name, unit, sku_id
