{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(partitions_of('usage_events')) }}",
) }}

-- depends_on: {{ ref('usage_partitions') }}
-- Our own metering of what vendors bill by the resource, as far as it counts before theirs.
with

metered as (
    select
        events.partition_id,
        events.partition_version,
        events.account_id,
        events.sku_id,
        lower(json_extract_string(events.dimensions, '$.resource')) as resource_name,
        events.unit,
        cast(events.usage_start as date) as usage_date,
        events.quantity
    from {{ ref('usage') }} as events
    inner join {{ ref('meters') }} as meters on events.meter_id = meters.meter_id
    where
        events.sku_id is not null
        and events.account_id is not null
        and events.quantity is not null
        and meters.aggregation in ('sum', 'count')
        and meters.authority = 'authoritative'
        and meters.meter_role = 'primary'
        and {{ is_changed_partition(partitions_of('usage_events'), 'events.partition_version') }}
)

select
    metered.partition_id,
    metered.partition_version,
    metered.account_id,
    metered.sku_id,
    metered.resource_name,
    {{ unit_named('metered.unit') }} as unit,
    metered.usage_date,
    cast(sum(metered.quantity) as {{ decimal_type() }}) as quantity
from metered
where metered.resource_name is not null
group by all
