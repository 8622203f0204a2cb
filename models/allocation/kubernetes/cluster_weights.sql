-- How many GiB of memory weigh as much as a core, by the seed's row of the cluster, else by its row for all.
select
    days.cluster,
    days.usage_date,
    max_by(weights.gib_per_core, weights.cluster != '*') as gib_per_core
from (select distinct cluster, usage_date from {{ ref('cluster_nodes') }}) as days
inner join {{ ref('node_weights') }} as weights
    on
        weights.cluster in (days.cluster, '*')
        and days.usage_date >= weights.valid_from
        and days.usage_date < coalesce(weights.valid_to, date '9999-12-31')
group by days.cluster, days.usage_date
