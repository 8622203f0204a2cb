-- What ran in the clusters in one billing month. Intervals are hours or days of the payer, so that each lies in one of
-- its billing periods. Needs `steps` of the month; value seed.

-- One row per node and interval, with the seconds that it was billed for.
create or replace table node_usage as
with

running as (
    select
        nodes.cluster_no,
        nodes.resource_no,
        resources.payer_no,
        unnest(generate_series(steps.usage_start, steps.usage_end - interval 1 hour, interval 1 hour)) as usage_hour
    from nodes
    inner join resources on nodes.resource_no = resources.resource_no
    inner join steps
        on
            resources.payer_no = steps.payer_no
            and steps.usage_start >= resources.born_at
            and steps.usage_start < resources.gone_at
)

select
    running.cluster_no,
    running.resource_no,
    case when clusters.step_hours = 1 then running.usage_hour else days.day_start end as usage_start,
    case when clusters.step_hours = 1 then running.usage_hour + interval 1 hour else days.day_end end as usage_end,
    3600 * count(*) as seconds
from running
inner join clusters on running.cluster_no = clusters.cluster_no
inner join days
    on
        running.payer_no = days.payer_no
        and running.usage_hour >= days.day_start
        and running.usage_hour < days.day_end
group by all
order by running.cluster_no, usage_start, running.resource_no;

-- How long each level of activity is reached in an interval, and the mean of the levels then, in per mille.
create or replace temp table seasons as
with

intervals as (
    select distinct
        usage_start,
        usage_end
    from node_usage
),

wanted as (
    select distinct
        workloads.profile,
        namespaces.product_no,
        places.wanted_from
    from places
    inner join workloads on places.workload_no = workloads.workload_no
    inner join namespaces on workloads.namespace_no = namespaces.namespace_no
),

activity_hours as (
    select
        intervals.usage_start,
        intervals.usage_end,
        profiles.profile,
        levels.product_no,
        case when profiles.profile = 'always' then 1000 else profiles.weight * levels.permille // 1000 end as level
    from intervals
    inner join levels on levels.hour_start >= intervals.usage_start and levels.hour_start < intervals.usage_end
    inner join profiles on profiles.hour_of_week = (isodow(levels.hour_start) - 1) * 24 + hour(levels.hour_start)
)

select
    activity_hours.usage_start,
    activity_hours.usage_end,
    wanted.profile,
    wanted.product_no,
    wanted.wanted_from,
    3600 * count(*) as seconds,
    cast(sum(activity_hours.level) // count(*) as bigint) as level
from activity_hours
inner join wanted
    on
        activity_hours.profile = wanted.profile
        and activity_hours.product_no = wanted.product_no
        and activity_hours.level >= wanted.wanted_from
group by all;

-- One row per pod and interval: what it requested and used on average while it ran.
create or replace table pod_usage as
with

placed as (
    select
        places.place_no,
        places.replica,
        node_usage.cluster_no,
        node_usage.resource_no,
        node_usage.usage_start,
        node_usage.usage_end,
        least(node_usage.seconds, seasons.seconds) as seconds,
        workloads.*,
        clusters.node_millicores // clusters.places_per_node as place_millicores,
        clusters.node_bytes // clusters.places_per_node as place_bytes,
        case
            when workloads.lifetime_hours > 0 then greatest(1, clusters.step_hours // workloads.lifetime_hours)
            else 1
        end as pods,
        case when workloads.is_autoscaled then 1000 else seasons.level end as level,
        cast(hash($seed, places.place_no, epoch(node_usage.usage_start)) % 201 as bigint) + 900 as noise
    from node_usage
    inner join clusters on node_usage.cluster_no = clusters.cluster_no
    inner join places on node_usage.resource_no = places.resource_no
    inner join workloads on places.workload_no = workloads.workload_no
    inner join namespaces on workloads.namespace_no = namespaces.namespace_no
    inner join seasons
        on
            node_usage.usage_start = seasons.usage_start
            and node_usage.usage_end = seasons.usage_end
            and workloads.profile = seasons.profile
            and namespaces.product_no = seasons.product_no
            and places.wanted_from = seasons.wanted_from
    -- where a job's lifetime is longer than an interval, it runs in the first of it
    where
        workloads.run_permille = 1000
        or clusters.step_hours > 1
        or hour(node_usage.usage_start) % workloads.lifetime_hours = 0
),

started as (
    select
        *,
        unnest(range(pods)) as pod_of_interval
    from placed
)

select
    cluster_no,
    resource_no,
    workload_no,
    place_no,
    case
        when controller = 'StatefulSet' then workload || '-' || replica
        else
            workload || '-' || left(md5(concat_ws(
                ':', $seed, place_no,
                case when lifetime_hours > 0 then epoch(usage_start) // 3600 // lifetime_hours + pod_of_interval end
            )), 10)
    end as pod,
    usage_start,
    usage_end,
    cast(seconds * run_permille // 1000 // pods as bigint) as seconds,
    millicores_requested,
    bytes_requested,
    least(place_millicores, millicores_requested * cpu_used_permille // 1000 * level // 1000 * noise // 1000)
        as millicores_used,
    least(place_bytes, bytes_requested // 1000 * memory_used_permille // 1000 * noise) as bytes_used
from started
where seconds * run_permille // 1000 // pods > 0
order by cluster_no, usage_start, place_no, pod_of_interval;
