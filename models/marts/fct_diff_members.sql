{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('timed_partitions')) }}",
) }}

select
    diff_id,
    side,
    row_id,
    amount,
    currency,
    file_id,
    file_row,
    partition_id,
    partition_version
from {{ ref('diff_members') }}
where {{ is_changed_partition(ref('timed_partitions')) }}
