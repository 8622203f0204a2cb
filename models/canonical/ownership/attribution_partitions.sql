-- A partition is attributed anew when its charges or any owner rule, exchange rate or SKU alias change, or when tag
-- policies ask for other keys; the seeds are part of the charges' version already.
with

rules as (
    select string_agg(partition_version, ',' order by partition_version) as versions
    from {{ ref('all_partitions') }}
    where source in ('owners', 'fx_rates', 'sku_aliases')
),

policies as (
    select string_agg(distinct tag_key, ',' order by tag_key) as tag_keys
    from {{ ref('stg_tag_policies__policies') }}
)

select
    partitions.partition_id,
    partitions.partition_version as charges_version,
    md5(concat_ws('|', partitions.partition_version, rules.versions, policies.tag_keys)) as partition_version
from {{ ref('partitions') }} as partitions
cross join rules
cross join policies
