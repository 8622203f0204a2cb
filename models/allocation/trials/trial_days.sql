{{ config(materialized='table') }}

-- Days of four weeks to either side of a change. Days before it at the level of the week before are those of A, days
-- after it at the level of the week after those of B; a tenth more or less is the same level.
with

placed as (
    select
        changes.*,
        sizes.usage_date,
        sizes.sku_id,
        sizes.unit,
        sizes.effective_cost,
        sizes.size_cost,
        10 * sizes.size_cost <= 11 * changes.least_before and 11 * sizes.size_cost >= 10 * changes.most_before
            as is_at_a,
        10 * sizes.size_cost <= 11 * changes.least_after and 11 * sizes.size_cost >= 10 * changes.most_after
            as is_at_b
    from {{ ref('size_changes') }} as changes
    inner join {{ ref('resource_sizes') }} as sizes
        on
            changes.provider = sizes.provider
            and changes.account_id = sizes.account_id
            and changes.resource_id = sizes.resource_id
            and changes.billing_currency = sizes.billing_currency
            and changes.changed_on <= sizes.usage_date + 28
            and changes.changed_on >= sizes.usage_date - 28
),

dealt as (
    select
        *,
        case
            when usage_date < changed_on and is_at_a then 'A'
            when usage_date > changed_on and is_at_b then 'B'
        end as arm
    from placed
),

compared as (
    select
        *,
        {{ quantile_of("case when arm = 'A' then size_cost end") }} over (partition by trial_id) as usual_size_cost,
        max(case when arm = 'B' then usage_date end) over (partition by trial_id) as last_b_date,
        lag(usage_date) over (partition by trial_id order by usage_date) as used_before
    from dealt
)

select
    trial_id,
    usage_date,
    product,
    sku_id,
    unit,
    billing_currency,
    arm,
    effective_cost,
    -- days on which it changes belong to neither, but what they cost more is of the trial
    case
        when
            arm = 'B'
            or usage_date >= changed_on
            and used_before <= last_b_date
            and 11 * size_cost >= 10 * least(least_before, least_after)
            and 10 * size_cost <= 11 * greatest(most_before, most_after)
            then {{ exact_product(
                unit_price_of('effective_cost', 'size_cost'), 'cast(size_cost - usual_size_cost as ' ~ decimal_type() ~ ')'
            ) }}
        else 0
    end as excess_cost
from compared
where size_cost > 0
