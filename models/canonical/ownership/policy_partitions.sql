-- Partitions are held against the tag policies anew when these, the charges or their owners change. Where no policy has
-- landed there are none.
with

policies as (
    select string_agg(partition_version, ',' order by partition_version) as versions
    from {{ ref('all_partitions') }}
    where source = 'tag_policies'
    having count(*) > 0
)

select
    partitions.partition_id,
    partitions.charges_version,
    md5(concat_ws('|', partitions.partition_version, policies.versions)) as partition_version
from {{ ref('attribution_partitions') }} as partitions
cross join policies
