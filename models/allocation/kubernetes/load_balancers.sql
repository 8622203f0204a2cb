{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('partitions')) }}",
) }}

-- depends_on: {{ ref('gate_canonical') }}
with

changed as (
    select * from {{ ref('partitions') }}
    where {{ is_changed_partition(ref('partitions')) }}
),

-- every tag that names a service has one of these words in its key
tagged as (
    select
        partition_version,
        resource_id,
        tags,
        max(cast(charge_period_start as date)) as last_date
    from {{ ref('charges') }}
    where
        resource_id is not null
        and (tags like '%k8s%' or tags like '%kubernetes%')
        and {{ is_changed_partition(ref('partitions')) }}
    group by partition_version, resource_id, tags
),

entries as (
    select
        partition_version,
        resource_id,
        last_date,
        tags,
        unnest({{ json_entries('tags') }}, recursive := true)
    from tagged
),

named as (
    select
        entries.partition_version,
        entries.resource_id,
        entries.last_date,
        entries.tags,
        known.names,
        known.place,
        case
            when known.key_pattern like '%*' then substr(entries.key, length(known.key_pattern)) else entries.value
        end as tag_name
    from entries
    inner join {{ ref('load_balancer_tags') }} as known on entries.key glob known.key_pattern
    where entries.value != ''
),

load_balancers as (
    select
        partition_version,
        resource_id,
        last_date,
        min_by(tag_name, (place, tag_name)) filter (where names = 'service') as services,
        min_by(tag_name, (place, tag_name)) filter (where names = 'cluster') as cluster
    from named
    group by partition_version, resource_id, last_date, tags
    having count(*) filter (where names = 'service') > 0
    qualify row_number() over (
        partition by partition_version, resource_id order by last_date desc, services asc, cluster asc nulls last
    ) = 1
)

-- a partition without any is marked by a row of its own, so that it is not searched again
select
    changed.partition_id,
    changed.partition_version,
    load_balancers.resource_id,
    load_balancers.cluster,
    load_balancers.services,
    load_balancers.last_date
from changed
left join load_balancers on changed.partition_version = load_balancers.partition_version
