{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('metering_partitions')) }}",
) }}

-- What metering says of a partition, in short: pricing follows only when that changes.
with

said as (
    select
        partition_id,
        partition_version,
        hash(charge_id, own_quantity, sku_id, resource_id, has_gap, is_surplus, is_metered_twice) as contents
    from {{ ref('metered_charges') }}
    where {{ is_changed_partition(ref('metering_partitions')) }}
    union all
    select
        partition_id,
        partition_version,
        hash(usage_id, quantity, agent_resource) as contents
    from {{ ref('vendor_usage') }}
    where interval_starts_at is null and {{ is_changed_partition(ref('metering_partitions')) }}
)

select
    partition_id,
    partition_version,
    count(*) as row_count,
    bit_xor(contents) as contents
from said
group by partition_id, partition_version
