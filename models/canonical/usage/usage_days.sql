{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(partitions_of('usage_events')) }}",
) }}

-- depends_on: {{ ref('usage_partitions') }}
select
    partition_id,
    partition_version,
    cast(usage_start as date) as usage_date,
    count(*) as usage_count
from {{ ref('usage') }}
where {{ is_changed_partition(partitions_of('usage_events')) }}
group by partition_id, partition_version, cast(usage_start as date)
