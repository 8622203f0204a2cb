-- Which node a machine was from when on. A provider may give an id again to another node; each day is of one alone.
with

named as (
    select
        resource_id,
        cluster,
        node,
        min(usage_date) as first_named_on
    from {{ ref('cluster_nodes') }}
    where resource_id is not null
    group by resource_id, cluster, node
)

select
    resource_id,
    cluster,
    node,
    case
        when row_number() over machine = 1 then date '1970-01-01' else first_named_on
    end as named_from,
    coalesce(lead(first_named_on) over machine, date '9999-12-31') as named_until
from named
window machine as (partition by resource_id order by first_named_on, cluster, node)
