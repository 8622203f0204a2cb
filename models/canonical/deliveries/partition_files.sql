with

partitions as (
    select * from {{ ref('all_partitions') }}
),

current_files as (
    select * from {{ source('landing', 'current_files') }}
)

select
    current_files.file_id,
    current_files.billing_period,
    current_files.delivery_id,
    partitions.partition_id,
    partitions.partition_version,
    partitions.source,
    partitions.feed,
    partitions.holds,
    partitions.feeds_of_period
from current_files
inner join partitions
    on
        current_files.source = partitions.source
        and current_files.feed = partitions.feed
        and current_files.billing_period is not distinct from partitions.billing_period
