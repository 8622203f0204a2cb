-- Feeds that report of a resource; without one, of the whole of an account's SKU.
select
    account_id,
    sku_id,
    agent_resource,
    list(distinct feed order by feed) as feeds
from {{ ref('metered_resources') }}
where agent_resource is not null
group by account_id, sku_id, agent_resource
union all
select
    account_id,
    sku_id,
    null as agent_resource,
    list(distinct feed order by feed) as feeds
from {{ ref('metered_resources') }}
group by account_id, sku_id
