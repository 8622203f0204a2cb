-- Every variance in parts that sum to it exactly. Credit and tax leave whole; lines billed twice, what a pair moves
-- across a boundary of periods, usage that we lost and usage without a bill leave before the waterfall: SKU, quantity,
-- then rate or discount, rounding, rest. A key without a price stays unexplained with its reason.
{%- set whole = "waterfall in ('credit', 'tax')" %}
with

-- The provider's stated rate splits a difference only when it comes closer to the bill than our price does; exports
-- exist whose stated rates are blank or masked. Without a split the difference is one of rates.
rated as (
    select
        *,
        due_amount - priced_amount as rest,
        case
            when {{ whole }} or waterfall = 'unpriced' then 0
            when abs(due_amount - stated_due_amount) < abs(due_amount - priced_amount)
                then stated_due_amount - priced_amount
            when abs(due_amount - priced_amount) <= rounding_limit then 0
            else due_amount - priced_amount
        end as rate_step
    from {{ ref('variance_steps') }}
),

parts as (
    select
        *,
        case when {{ whole }} then 0 else 1 end as is_split,
        rest - rate_step as last_step
    from rated
)

select
    * exclude (is_split),
    cast(case when waterfall = 'credit' then variance_amount else 0 end as {{ decimal_type() }}) as credit_variance,
    cast(case when waterfall = 'tax' then variance_amount else 0 end as {{ decimal_type() }}) as tax_variance,
    cast(is_split * (surplus_amount + duplicate_step) as {{ decimal_type() }}) as duplicate_variance,
    cast(is_split * case when moved_as = 'sku' then 0 else moved_amount end as {{ decimal_type() }}) as timing_variance,
    cast(is_split * missing_usage_step as {{ decimal_type() }}) as missing_usage_variance,
    cast(is_split * unbilled_step as {{ decimal_type() }}) as unbilled_variance,
    cast(is_split * (sku_step + case when moved_as = 'sku' then moved_amount else 0 end) as {{ decimal_type() }})
        as sku_variance,
    cast(is_split * (quantity_step - moved_amount) as {{ decimal_type() }}) as quantity_variance,
    cast(case when waterfall = 'card' then rate_step else 0 end as {{ decimal_type() }}) as rate_variance,
    cast(case when waterfall = 'list' then rate_step else 0 end as {{ decimal_type() }}) as discount_variance,
    cast(0 as {{ decimal_type() }}) as fx_variance,
    cast(case
        when is_split = 1 and waterfall != 'unpriced' and abs(last_step) <= rounding_limit then last_step
        else 0
    end as {{ decimal_type() }}) as rounding_variance,
    cast(case
        when is_split = 1 and (waterfall = 'unpriced' or abs(last_step) > rounding_limit) then last_step
        else 0
    end as {{ decimal_type() }}) as unexplained_variance
from parts
