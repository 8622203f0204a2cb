-- A feed that is expected by the hour or the day has a gap where nothing lies between two parts that it has.
with

parts as (
    select distinct
        partitions.feed,
        {{ part_start('expected.cadence', 'hours.usage_hour') }} as starts_at,
        {{ part_start('expected.cadence', 'hours.usage_hour') }} + {{ part_length('expected.cadence') }} as ends_at
    from {{ ref('usage_hours') }} as hours
    inner join {{ ref('usage_partitions') }} as partitions on hours.partition_version = partitions.partition_version
    inner join {{ ref('delivery_expectations') }} as expected
        on
            expected.source = 'usage_events'
            and partitions.feed glob expected.feed_pattern
            and hours.usage_hour >= expected.valid_from
            and hours.usage_hour < coalesce(expected.valid_to, date '9999-12-31')
),

followed as (
    select
        feed,
        ends_at as starts_at,
        lead(starts_at) over (partition by feed order by starts_at) as ends_at
    from parts
)

select * from followed
where ends_at > starts_at
