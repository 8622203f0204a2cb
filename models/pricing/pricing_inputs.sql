select
    partitions.partition_id,
    partitions.partition_version,
    inputs.input_version
from {{ ref('pricing_partitions') }} as partitions
inner join {{ ref('partition_inputs') }} as inputs on partitions.partition_id = inputs.partition_id
