-- Lines of one resource that begin together share what was used until the last of them ends.
with

intervals as (
    select
        partition_id,
        partition_version,
        account_id,
        sku_id,
        agent_resource,
        charge_period_start as starts_at,
        max(charge_period_end) as ends_at,
        any_value(feeds) as feeds,
        bool_and(is_authoritative) as is_authoritative,
        cast(sum(quantity) as {{ decimal_type() }}) as provider_quantity,
        cast(sum(quantity) filter (where copy_no = 1) as {{ decimal_type() }}) as single_quantity,
        -- what is taken back, or lies before a feed's first event or after its last, proves nothing
        bool_and(is_reported and quantity >= 0) as is_comparable
    from {{ ref('metered_lines') }}
    group by partition_id, partition_version, account_id, sku_id, agent_resource, charge_period_start
),

-- the times that lines are of are few
spans as (
    select distinct
        feeds,
        starts_at,
        ends_at
    from intervals
),

broken as (
    select distinct
        spans.feeds,
        spans.starts_at,
        spans.ends_at
    from spans
    inner join {{ ref('metering_gaps') }} as gaps
        on
            list_contains(spans.feeds, gaps.feed)
            and spans.starts_at < gaps.ends_at
            and spans.ends_at > gaps.starts_at
)

select
    intervals.*,
    broken.starts_at is not null as has_gap
from intervals
left join broken
    on
        intervals.feeds = broken.feeds
        and intervals.starts_at = broken.starts_at
        and intervals.ends_at = broken.ends_at
