-- One SKU of an account ends and another of the same service, unit and price begins within three days. What both
-- used is compared over the seven days before and after, and over the two nearest; a day that has both is shared and
-- counts for neither. What is used on one day alone has no usual day to compare; most SKUs that come and go are such.
with

lives as (
    select * from {{ ref('sku_lives') }}
    where last_date > first_date
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
),

-- The days of each side: up to seven that only the old SKU has, and up to seven that only the new one has.
sides as (
    select
        *,
        old_sku_id as sku_id,
        first_date - 7 as starts_on,
        first_date as ends_before
    from successions
    union all
    select
        *,
        new_sku_id as sku_id,
        last_date + 1 as starts_on,
        last_date + 8 as ends_before
    from successions
),

compared as (
    select
        sides.*,
        sku_days.usage_date,
        sku_days.quantity,
        sku_days.billed_cost
    from sides
    inner join {{ ref('sku_days') }} as sku_days
        on
            sides.source = sku_days.source
            and sides.account_id = sku_days.account_id
            and sides.service_name = sku_days.service_name
            and sides.sku_id = sku_days.sku_id
            and sides.unit is not distinct from sku_days.unit
            and sides.starts_on <= sku_days.usage_date
            and sides.ends_before > sku_days.usage_date
)

select
    * exclude (sku_id, starts_on, ends_before, usage_date, quantity, billed_cost),
    count(distinct case when sku_id = old_sku_id and usage_date >= first_date - 2 then usage_date end) as old_near_days,
    count(distinct case when sku_id = new_sku_id and usage_date <= last_date + 2 then usage_date end) as new_near_days,
    cast(
        sum(case when sku_id = old_sku_id and usage_date >= first_date - 2 then quantity else 0 end)
        as {{ decimal_type() }}
    ) as old_near_quantity,
    cast(
        sum(case when sku_id = new_sku_id and usage_date <= last_date + 2 then quantity else 0 end)
        as {{ decimal_type() }}
    ) as new_near_quantity,
    count(distinct case when sku_id = old_sku_id then usage_date end) as old_days,
    count(distinct case when sku_id = new_sku_id then usage_date end) as new_days,
    cast(sum(case when sku_id = old_sku_id then quantity else 0 end) as {{ decimal_type() }}) as old_quantity,
    cast(sum(case when sku_id = new_sku_id then quantity else 0 end) as {{ decimal_type() }}) as new_quantity,
    cast(sum(case when sku_id = new_sku_id then billed_cost else 0 end) as {{ decimal_type() }}) as new_billed_cost
from compared
group by all
