{{ config(materialized='table') }}

with

aliases as (
    select distinct
        source,
        old_sku_id,
        new_sku_id
    from {{ ref('stg_sku_aliases__aliases') }}
),

compared as (
    select
        *,
        -- daily means, brought to the same number of days
        old_quantity * cast(new_days as decimal(2, 0)) as old_weight,
        new_quantity * cast(old_days as decimal(2, 0)) as new_weight,
        old_near_quantity * cast(new_near_days as decimal(2, 0)) as old_near_weight,
        new_near_quantity * cast(old_near_days as decimal(2, 0)) as new_near_weight
    from {{ ref('sku_successions') }}
    where old_days >= 2 and new_days >= 2 and old_quantity > 0 and new_quantity > 0
),

-- the weeks or the two nearest days, whichever are more alike: what runs may change within a week
alike as (
    select
        *,
        cast(round(greatest(
            100 * least(old_weight, new_weight) / greatest(old_weight, new_weight),
            100 * least(old_near_weight, new_near_weight) / nullif(greatest(old_near_weight, new_near_weight), 0)
        ), 6) as decimal(9, 6)) as similarity_percent
    from compared
    where
        100 * least(old_weight, new_weight)
        >= {{ var('rename_similarity_percent') }} * greatest(old_weight, new_weight)
        or (
            old_near_weight > 0
            and 100 * least(old_near_weight, new_near_weight)
            >= {{ var('rename_similarity_percent') }} * greatest(old_near_weight, new_near_weight)
        )
)

select
    alike.source,
    alike.provider,
    alike.service_name,
    alike.unit,
    alike.old_sku_id,
    alike.new_sku_id,
    min(alike.first_date) as valid_from,
    max(alike.unit_price) as unit_price,
    count(*) as account_count,
    min(alike.similarity_percent) as similarity_percent,
    cast(sum(alike.new_billed_cost) as {{ decimal_type() }}) as new_billed_cost,
    case when bool_or(aliases.new_sku_id is not null) then 'resolved' else 'proposed' end as status
from alike
left join aliases
    on
        alike.source = aliases.source
        and alike.old_sku_id = aliases.old_sku_id
        and alike.new_sku_id = aliases.new_sku_id
group by
    alike.source, alike.provider, alike.service_name, alike.unit, alike.old_sku_id, alike.new_sku_id
