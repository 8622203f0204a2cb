with

current_files as (
    select * from {{ source('landing', 'current_files') }}
),

quarantined as (
    select
        file_id,
        count(*) as row_count
    from {{ source('landing', 'quarantined_rows') }}
    group by file_id
),

feeds as (
    select
        source,
        billing_period,
        array_to_string(list_sort(list(distinct feed)), ',') as feeds_of_period
    from current_files
    group by source, billing_period
),

sources as (
    select * from {{ source('landing', 'sources') }}
),

partitions as (
    select
        current_files.source,
        current_files.feed,
        current_files.billing_period,
        concat_ws('|', current_files.source, current_files.feed, current_files.billing_period) as partition_id,
        string_agg(
            concat_ws(':', current_files.file_id, current_files.delivery_id, quarantined.row_count), ','
            order by current_files.file_id
        ) as contents
    from current_files
    left join quarantined on current_files.file_id = quarantined.file_id
    group by current_files.source, current_files.feed, current_files.billing_period
)

select
    partitions.partition_id,
    md5(concat_ws(
        '|', partitions.partition_id, partitions.contents, feeds.feeds_of_period, getvariable('logic_version')
    )) as partition_version,
    partitions.source,
    partitions.feed,
    partitions.billing_period,
    sources.holds,
    feeds.feeds_of_period
from partitions
inner join sources on partitions.source = sources.source
inner join feeds
    on
        partitions.source = feeds.source
        and partitions.billing_period is not distinct from feeds.billing_period
