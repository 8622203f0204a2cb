{{ config(materialized='table') }}

{% set series = ['provider', 'account_id', 'resource_id', 'billing_currency'] -%}
{% set one_resource = 'partition by ' ~ series | join(', ') ~ ' order by usage_date' -%}
-- A day between two levels: in the week before it and in the week after it days differ by a tenth at most, and the
-- weeks by a quarter at least. The day itself may lie between them. What grows bit by bit, or is less on weekends, has
-- no levels.
with

weeks as (
    select
        *,
        count(*) over week_before as days_before,
        min(size_cost) over week_before as least_before,
        max(size_cost) over week_before as most_before,
        count(*) over week_after as days_after,
        min(size_cost) over week_after as least_after,
        max(size_cost) over week_after as most_after
    from {{ ref('resource_sizes') }}
    window
        week_before as ({{ one_resource }} range between interval 7 day preceding and interval 1 day preceding),
        week_after as ({{ one_resource }} range between interval 1 day following and interval 7 day following)
),

-- where a level changes at midnight, the last day of one and the first day of the other are both such a day
changes as (
    select * from weeks
    where
        days_before >= 5 and least_before > 0 and 10 * most_before <= 11 * least_before
        and days_after >= 5 and least_after > 0 and 10 * most_after <= 11 * least_after
        and (4 * least_after >= 5 * most_before or 4 * least_before >= 5 * most_after)
    qualify coalesce(lead(usage_date) over ({{ one_resource }}) > usage_date + 4, true)
),

-- A change back to the level before ends a trial; the one after that begins another.
compared as (
    select
        *,
        coalesce(
            10 * least_after <= 11 * lag(most_before) over ({{ one_resource }})
            and 11 * most_after >= 10 * lag(least_before) over ({{ one_resource }}), false
        ) as is_back
    from changes
),

numbered as (
    select
        *,
        sum(cast(not is_back as integer)) over ({{ one_resource }}) as change_number
    from compared
)

select
    {{ identity(series + ['usage_date']) }} as trial_id,
    {{ series | join(',\n    ') }},
    product,
    usage_date as changed_on,
    least_before,
    most_before,
    least_after,
    most_after
from numbered
qualify row_number() over (
    partition by {{ series | join(', ') }}, change_number order by usage_date
) % 2 = 1
