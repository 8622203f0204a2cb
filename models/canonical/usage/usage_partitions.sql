{{ config(materialized='table') }}

-- A partition of records is rebuilt when it or its twins change, wherever those landed; usage also when a meter does.
with

keyed as (
    select distinct partition_id from {{ ref('record_keys') }}
),

twins as (
    select
        files.partition_id,
        bit_xor(hash(twins.file_id, twins.file_row, twins.disposition)) as contents
    from {{ ref('record_twins') }} as twins
    inner join {{ ref('partition_files') }} as files
        on twins.file_id = files.file_id and twins.billing_period is not distinct from files.billing_period
    group by files.partition_id
),

meters as (
    select string_agg(partition_version, ',' order by partition_version) as contents
    from {{ ref('all_partitions') }}
    where source = 'meters'
)

select
    partitions.partition_id,
    md5(concat_ws(
        '|', partitions.partition_version, twins.contents,
        case when partitions.source = 'usage_events' then meters.contents end
    )) as partition_version,
    partitions.source,
    partitions.feed,
    partitions.billing_period
from {{ ref('record_partitions') }} as partitions
inner join keyed on partitions.partition_id = keyed.partition_id
cross join meters
left join twins on partitions.partition_id = twins.partition_id
