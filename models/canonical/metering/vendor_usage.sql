{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('metering_partitions')) }}",
        "{{ narrow('charges', 'charges_version', ref('metering_partitions'), ref('metering_partitions')) }}",
    ],
    post_hook="reset variable narrowed_charges",
) }}

{%- set alike = 'events.meter_id, events.account_id, events.usage_start, events.dimensions, events.quantity' %}
with

lines as (
    select * from {{ ref('metered_lines') }}
),

spans as (
    select
        lines.partition_id,
        lines.partition_version,
        lines.provider,
        lines.billing_period,
        lines.account_id,
        lines.sku_id,
        lines.is_authoritative,
        min(lines.pricing_unit) as unit,
        min(min(lines.charge_period_start)) over (partition by lines.partition_id) as starts_at,
        max(max(lines.charge_period_end)) over (partition by lines.partition_id) as ends_at
    from lines
    group by
        lines.partition_id, lines.partition_version, lines.provider, lines.billing_period, lines.account_id,
        lines.sku_id, lines.is_authoritative
),

places as (
    select
        partition_id,
        account_id,
        sku_id,
        agent_resource,
        min(resource_id) as resource_id
    from lines
    group by partition_id, account_id, sku_id, agent_resource
),

used as (
    select
        spans.partition_id,
        spans.partition_version,
        spans.provider,
        spans.billing_period,
        spans.account_id,
        spans.sku_id,
        spans.is_authoritative,
        spans.unit,
        events.usage_id,
        events.usage_start,
        events.quantity,
        case
            when skus.has_resource then lower(json_extract_string(events.dimensions, '$.resource')) else ''
        end as agent_resource,
        row_number() over (partition by spans.partition_id, {{ alike }} order by events.usage_id) as copy_no,
        events.file_id,
        events.file_row
    from spans
    inner join {{ ref('metered_skus') }} as skus on spans.account_id = skus.account_id and spans.sku_id = skus.sku_id
    inner join {{ ref('usage') }} as events
        on
            spans.account_id = events.account_id
            and spans.sku_id = events.sku_id
            and spans.starts_at <= events.usage_start
            and spans.ends_at > events.usage_start
    inner join {{ ref('meters') }} as meters on events.meter_id = meters.meter_id
    where
        events.quantity is not null
        and meters.aggregation in ('sum', 'count')
        and (meters.authority = 'authoritative' and meters.meter_role = 'primary') = skus.is_authoritative
)

select
    used.*,
    coalesce(places.resource_id, nullif(used.agent_resource, '')) as resource_id,
    case when used.usage_start < intervals.ends_at then intervals.starts_at end as interval_starts_at
from used
asof left join {{ ref('metered_intervals') }} as intervals
    on
        used.partition_id = intervals.partition_id
        and used.account_id = intervals.account_id
        and used.sku_id = intervals.sku_id
        and used.agent_resource = intervals.agent_resource
        and used.usage_start >= intervals.starts_at
left join places
    on
        used.partition_id = places.partition_id
        and used.account_id = places.account_id
        and used.sku_id = places.sku_id
        and used.agent_resource = places.agent_resource
