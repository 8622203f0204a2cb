select
    files.file_id,
    files.billing_period,
    files.delivery_id,
    files.feed,
    partitions.partition_id,
    partitions.partition_version
from {{ ref('partition_files') }} as files
inner join {{ ref('usage_partitions') }} as partitions on files.partition_id = partitions.partition_id
