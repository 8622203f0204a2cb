-- What has to be read to reconcile a month: itself, and the months beside it.
select
    partitions.partition_id,
    partitions.partition_version,
    neighbours.billing_period as neighbour_period,
    neighbours.partition_version as neighbour_version
from {{ ref('reconciliation_partitions') }} as partitions
inner join {{ ref('reconciliation_partitions') }} as neighbours
    on
        partitions.direction = neighbours.direction
        and partitions.counterparty = neighbours.counterparty
        and neighbours.billing_period >= partitions.billing_period - interval 1 month
        and neighbours.billing_period <= partitions.billing_period + interval 1 month
