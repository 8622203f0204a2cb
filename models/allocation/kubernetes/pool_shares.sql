-- What a cluster's idle and overhead cost by the day, beside each who takes a share of it: its pods in proportion to
-- their own effective cost before either is shared; all alike if they cost nothing. Without pods the platform's own
-- take it, and without those the empty nodes.
with

pools as (
    select
        cluster,
        usage_date,
        billing_currency,
        basis,
        pool,
        cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
        cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
    from {{ ref('node_parts') }}
    where pool != 'pod'
    group by cluster, usage_date, billing_currency, basis, pool
),

ranked as (
    select
        *,
        cast({{ in_units('abs(effective_cost)') }} // 1000000000 as hugeint) as weight,
        dense_rank() over (
            partition by cluster, usage_date, billing_currency, basis
            order by case pool when 'pod' then 1 when 'overhead' then 2 else 3 end
        ) as turn
    from {{ ref('node_parts') }}
),

receivers as (
    select
        *,
        sum(weight) over (partition by cluster, usage_date, billing_currency, basis) as total
    from ranked
    where turn = 1
)

select
    receivers.cluster,
    receivers.resource_id,
    receivers.usage_date,
    receivers.billing_currency,
    receivers.basis,
    pools.pool,
    receivers.namespace,
    receivers.workload,
    receivers.tenant,
    pools.billed_cost,
    pools.effective_cost,
    case when receivers.total = 0 then 1 else receivers.weight end as weight
from receivers
inner join pools
    on
        receivers.cluster = pools.cluster
        and receivers.usage_date = pools.usage_date
        and receivers.billing_currency = pools.billing_currency
        and receivers.basis = pools.basis
