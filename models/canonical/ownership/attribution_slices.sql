select distinct
    partitions.partition_version,
    partitions.charges_version,
    slices.slice_from
from {{ ref('charge_slices') }} as slices
inner join {{ ref('attribution_partitions') }} as partitions
    on slices.charges_version = partitions.charges_version
