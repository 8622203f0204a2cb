{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('usage_partitions')) }}",
) }}

select
    partition_id,
    partition_version,
    file_id,
    date_trunc('hour', usage_start) as usage_hour,
    count(*) as usage_count
from {{ ref('usage') }}
where {{ is_changed_partition(ref('usage_partitions')) }}
group by partition_id, partition_version, file_id, date_trunc('hour', usage_start)
