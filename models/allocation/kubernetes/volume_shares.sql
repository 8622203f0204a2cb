-- Volumes that a cluster has ever mounted, as they are billed by the day, beside each who mounts them then: nobody on
-- the other billed.
with

places as (
    select
        resource_id,
        min(cluster) as cluster
    from {{ ref('volume_mounts') }}
    group by resource_id
),

bills as (
    select
        places.cluster,
        billed.resource_id,
        billed.usage_date,
        billed.billing_currency,
        cast(sum(billed.billed_cost) as {{ decimal_type() }}) as billed_cost,
        cast(sum(billed.effective_cost) as {{ decimal_type() }}) as effective_cost
    from {{ ref('resource_days') }} as billed
    inner join places on billed.resource_id = places.resource_id
    group by places.cluster, billed.resource_id, billed.usage_date, billed.billing_currency
)

select
    bills.*,
    mounts.namespace,
    mounts.workload,
    mounts.tenant,
    mounts.capacity_byte_seconds,
    case when coalesce(sum(mounts.weight) over same_bill, 0) = 0 then 1 else mounts.weight end as weight
from bills
left join {{ ref('volume_mounts') }} as mounts
    on bills.resource_id = mounts.resource_id and bills.usage_date = mounts.usage_date
window same_bill as (partition by bills.resource_id, bills.usage_date, bills.billing_currency)
