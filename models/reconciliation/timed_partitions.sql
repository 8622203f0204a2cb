-- A month that was matched anew is reconciled anew; so is one beside it, but only when a pair of the two changed.
with

moved as (
    select
        direction,
        counterparty,
        billing_period,
        md5(concat_ws('|', diff_id, coalesce(price_source, '-'), moved_amount)) as contents
    from {{ ref('timed_keys') }}
)

select
    partitions.partition_id,
    partitions.direction,
    partitions.counterparty,
    partitions.billing_period,
    partitions.is_final,
    partitions.partition_version as matched_version,
    md5(concat_ws('|', partitions.partition_version, string_agg(moved.contents, ',' order by moved.contents)))
        as partition_version
from {{ ref('reconciliation_partitions') }} as partitions
left join moved
    on
        partitions.direction = moved.direction
        and partitions.counterparty is not distinct from moved.counterparty
        and partitions.billing_period = moved.billing_period
group by
    partitions.partition_id, partitions.direction, partitions.counterparty, partitions.billing_period,
    partitions.is_final, partitions.partition_version
