{{ config(materialized='view') }}

-- Days with more than the usual. What has stayed so for the better part of the two weeks to either side is a new
-- level: half of the days around are as high.
with

usual as (
    select
        *,
        len(other_quantities) as days_compared,
        {{ middle_of('other_quantities') }} as usual_quantity,
        case when len(nearby_quantities) >= 7 then list_sort(nearby_quantities)[len(nearby_quantities) // 2 + 1] end
            as nearby_quantity
    from {{ ref('uneven_days') }}
),

distant as (
    select
        *,
        quantity - usual_quantity as excess_quantity,
        list_transform(other_quantities, other -> abs(other - usual_quantity)) as distances
    from usual
),

raised as (
    select * exclude (distances)
    from distant
    where
        10 * excess_quantity > usual_quantity
        and excess_quantity > 3 * {{ middle_of('distances') }}
)

select
    * exclude (other_quantities, nearby_quantities, last_billed_cost, last_billed_quantity, nearby_quantity),
    {{ unit_price_of('last_billed_cost', 'last_billed_quantity') }} as unit_price,
    2 * excess_quantity >= ({{ var('spike_factor') }} - 1) * usual_quantity
    and coalesce(2 * (quantity - nearby_quantity) >= ({{ var('spike_factor') }} - 1) * nearby_quantity, true)
        as is_high,
    -- days that follow each other have the same number
    usage_date - cast(row_number() over (partition by series_id order by usage_date) as integer) as run_number
from raised
