-- A month that was matched anew is reconciled anew; so is one beside it, but only when a pair of the two
-- changed, and one of which a rule matches other keys.
with

moved as (
    select
        concat_ws('|', direction, case when direction = 'payable' then counterparty end, billing_period)
            as partition_id,
        md5(concat_ws('|', diff_id, coalesce(price_source, '-'), moved_amount, moved_as, match_rule_id)) as contents
    from {{ ref('moved_keys') }}
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
left join moved on partitions.partition_id = moved.partition_id
group by
    partitions.partition_id, partitions.direction, partitions.counterparty, partitions.billing_period,
    partitions.is_final, partitions.partition_version
