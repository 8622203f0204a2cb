-- One SKU of an account ends and another of the same service, unit and price begins within three days. What both
-- used is compared over the seven days before and after; a day that has both is shared and counts for neither.
with

lives as (
    select * from {{ ref('sku_lives') }}
),

successions as (
    select
        ended.source,
        ended.provider,
        ended.account_id,
        ended.service_name,
        ended.unit,
        ended.last_unit_price as unit_price,
        ended.sku_id as old_sku_id,
        begun.sku_id as new_sku_id,
        ended.last_date,
        begun.first_date
    from lives as ended
    inner join lives as begun
        on
            ended.source = begun.source
            and ended.provider = begun.provider
            and ended.account_id = begun.account_id
            and ended.service_name = begun.service_name
            and ended.unit is not distinct from begun.unit
            and ended.last_unit_price = begun.first_unit_price
            and ended.sku_id != begun.sku_id
    where
        ended.last_date < ended.account_last_date
        and begun.first_date > begun.account_first_date
        and begun.first_date >= ended.last_date
        and begun.first_date <= ended.last_date + 3
)

select
    successions.*,
    count(distinct days.usage_date) filter (where days.sku_id = successions.old_sku_id) as old_days,
    count(distinct days.usage_date) filter (where days.sku_id = successions.new_sku_id) as new_days,
    cast(coalesce(sum(days.quantity) filter (where days.sku_id = successions.old_sku_id), 0)
        as {{ decimal_type() }}) as old_quantity,
    cast(coalesce(sum(days.quantity) filter (where days.sku_id = successions.new_sku_id), 0)
        as {{ decimal_type() }}) as new_quantity,
    cast(coalesce(sum(days.billed_cost) filter (where days.sku_id = successions.new_sku_id), 0)
        as {{ decimal_type() }}) as new_billed_cost
from successions
left join {{ ref('sku_days') }} as days
    on
        successions.source = days.source
        and successions.account_id = days.account_id
        and successions.service_name = days.service_name
        and successions.unit is not distinct from days.unit
        and (
            (
                days.sku_id = successions.old_sku_id
                and days.usage_date < successions.first_date
                and days.usage_date >= successions.first_date - 7
            )
            or (
                days.sku_id = successions.new_sku_id
                and days.usage_date > successions.last_date
                and days.usage_date <= successions.last_date + 7
            )
        )
group by all
