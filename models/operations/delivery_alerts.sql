-- What of the deliveries somebody has to look after, grouped by feed.
with

missing_days as (
    select
        *,
        cast(cast(estimated_missing_cost as decimal(38, 2)) as varchar) || ' ' || currency as missing_money
    from {{ ref('completeness') }}
    where status = 'missing'
),

missing as (
    select
        'missing_delivery' as rule_id,
        concat_ws('/', source, feed, provider, currency) as group_key,
        concat_ws(
            ' ', provider, 'feed', feed, 'of', source || ':', count(*),
            case any_value(cadence) when 'monthly' then 'months' else 'days' end, 'missing since', min(expected_on),
            'about ' || cast(cast(sum(estimated_missing_cost) as decimal(38, 2)) as varchar) || ' ' || currency
        ) as title,
        array_to_string(list(
            strftime(expected_on, '%Y-%m-%d')
            || coalesce(' at ' || missing_parts, '')
            || coalesce(', about ' || missing_money, '')
            order by expected_on desc
        )[:10], '; ') as evidence
    from missing_days
    group by source, feed, provider, currency
),

held as (
    select
        'held_delivery' as rule_id,
        concat_ws('/', source, feed, billing_period, delivery_key) as group_key,
        concat_ws(' ', 'Delivery', delivery_key, 'of', source, 'for', billing_period, 'is', status) as title,
        reason as evidence
    from {{ ref('deliveries') }}
    where status in ('incomplete', 'refused', 'tied')
),

doubled as (
    select
        'doubled_month' as rule_id,
        concat_ws('/', source, feed, billing_period) as group_key,
        concat_ws(' ', source, 'feed', feed, 'holds the same', billing_period, 'as feed', doubled_by_feed) as title,
        concat_ws(' ', doubled_charges, 'charges count twice:', doubled_money) as evidence
    from {{ ref('deliveries') }}
    where doubled_by_feed is not null
    qualify row_number() over (partition by source, feed, billing_period order by delivery_key) = 1
),

changed as (
    select
        'breaking_schema_change' as rule_id,
        concat_ws('/', changes.source, changes.path) as group_key,
        changes.path || ': ' || count(*) || ' columns changed so that it cannot be used' as title,
        string_agg(
            changes.column_name || ' was ' || changes.change || coalesce(' to ' || changes.renamed_to, ''), '; '
            order by changes.column_name
        ) as evidence
    from {{ ref('schema_changes') }} as changes
    inner join {{ ref('sli_windows') }} as windows
        on windows.sli_id = 'EM9' and changes.found_at > windows.window_starts_at
    where changes.is_breaking
    group by changes.source, changes.path
)

select * from missing
union all
select * from held
union all
select * from doubled
union all
select * from changed
