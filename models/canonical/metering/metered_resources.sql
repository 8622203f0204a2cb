{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(partitions_of('usage_events')) }}",
) }}

-- depends_on: {{ ref('usage_partitions') }}
with

metered as (
    select
        events.*,
        partitions.feed,
        meters.authority = 'authoritative' and meters.meter_role = 'primary' as is_authoritative
    from {{ ref('usage') }} as events
    inner join {{ ref('usage_partitions') }} as partitions on events.partition_version = partitions.partition_version
    inner join {{ ref('meters') }} as meters on events.meter_id = meters.meter_id
    where
        events.account_id is not null
        and events.sku_id is not null
        and events.quantity is not null
        and meters.aggregation in ('sum', 'count')
        and {{ is_changed_partition(partitions_of('usage_events'), 'events.partition_version') }}
)

select
    metered.partition_id,
    metered.partition_version,
    metered.feed,
    metered.account_id,
    metered.sku_id,
    {{ unit_named('metered.unit') }} as unit,
    lower(json_extract_string(metered.dimensions, '$.resource')) as agent_resource,
    metered.is_authoritative,
    min(metered.usage_start) as first_usage_at,
    max(metered.usage_start) as last_usage_at
from metered
group by all
