{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('timed_partitions')) }}",
) }}

select
    partition_id,
    partition_version,
    count(*) as row_count,
    count(*) - count(distinct diff_id) as keys_matched_twice,
    count(*) filter (where status = 'exception' and cause = 'none') as exceptions_without_cause,
    count(*) filter (where (status = 'matched') != (variance_amount = 0)) as rows_of_wrong_status,
    count(*) filter (where status = 'within_tolerance' and abs(variance_amount) > tolerance_amount)
        as rows_beyond_tolerance,
    count(*) filter (where cause = 'unpriced') as keys_without_price,
    -- a thousandth of what is billed is the most that may stay without a cause
    cast(coalesce(
        1000 * sum(abs(unexplained_variance)) filter (where unpriced_rows = 0) > sum(abs(billed_amount)), false
    ) as bigint) as is_unexplained
from {{ ref('reconciliation_diffs') }}
where {{ is_changed_partition(ref('timed_partitions')) }}
group by partition_id, partition_version
