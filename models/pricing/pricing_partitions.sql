-- A partition is priced anew when its charges or any rate card or contract change.
with

rates as (
    select string_agg(concat_ws(':', file_id, delivery_id), ',' order by file_id, delivery_id) as contents
    from {{ source('landing', 'current_files') }}
    where source in ('rate_cards', 'contracts')
)

select
    partitions.partition_id,
    partitions.partition_version as charges_version,
    md5(concat_ws('|', partitions.partition_version, rates.contents)) as partition_version
from {{ ref('partitions') }} as partitions
cross join rates
