-- How many GiB of memory weigh as much as a core, by the seed's row of the cluster, else by its row for all.
with

cluster_days as (
    select distinct
        cluster,
        usage_date
    from {{ ref('cluster_nodes') }}
)

select
    cluster_days.cluster,
    cluster_days.usage_date,
    max_by(weights.gib_per_core, weights.cluster != '*') as gib_per_core
from cluster_days
inner join {{ ref('node_weights') }} as weights
    on
        weights.cluster in (cluster_days.cluster, '*')
        and cluster_days.usage_date >= weights.valid_from
        and cluster_days.usage_date < coalesce(weights.valid_to, date '9999-12-31')
group by cluster_days.cluster, cluster_days.usage_date
