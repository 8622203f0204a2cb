-- Every variance in parts that sum to it exactly, in the order of the waterfall: credit and tax leave
-- first, an unpriced key stays unexplained with its reason; then quantity, rate, discount, rounding, rest.
with

matched as (
    select
        sides.*,
        sides.billed_amount - sides.expected_amount as variance_amount,
        case
            when sides.charge_kind in ('credit', 'discount', 'refund') then 'credit'
            when sides.charge_kind = 'tax' then 'tax'
            when sides.expected_rows = 0 or sides.unpriced_rows > 0 then 'unpriced'
            when sides.price_source = 'export_list' then 'list'
            else 'card'
        end as waterfall,
        -- half a subunit a line is what rounding can explain
        cast(sides.billed_rows as decimal(18, 0))
        * cast(coalesce(currencies.subunit, 0.01) * 0.5 as decimal(18, 18)) as rounding_limit
    from {{ ref('matched_keys') }} as sides
    left join {{ ref('currencies') }} as currencies on sides.currency = currencies.currency
),

-- The provider's stated rate explains a difference only when it comes closer to the bill than the
-- expected amount does; exports exist whose stated rates are blank or masked.
stepped as (
    select
        *,
        case
            when waterfall not in ('list', 'card') then billed_amount
            when abs(billed_amount - stated_amount) < abs(variance_amount) then stated_amount
            else expected_amount
        end as rated_amount
    from matched
),

steps as (
    select
        *,
        case when waterfall in ('list', 'card') then rated_amount - expected_amount else 0 end as rate_step,
        billed_amount - rated_amount as last_step
    from stepped
)

select
    *,
    cast(0 as {{ decimal_type() }}) as quantity_variance,
    cast(case when waterfall = 'card' then rate_step else 0 end as {{ decimal_type() }}) as rate_variance,
    cast(0 as {{ decimal_type() }}) as missing_usage_variance,
    cast(0 as {{ decimal_type() }}) as duplicate_variance,
    cast(0 as {{ decimal_type() }}) as timing_variance,
    cast(0 as {{ decimal_type() }}) as unbilled_variance,
    cast(0 as {{ decimal_type() }}) as sku_variance,
    cast(case when waterfall = 'list' then rate_step else 0 end as {{ decimal_type() }}) as discount_variance,
    cast(0 as {{ decimal_type() }}) as fx_variance,
    cast(case when waterfall = 'tax' then variance_amount else 0 end as {{ decimal_type() }}) as tax_variance,
    cast(case when waterfall = 'credit' then variance_amount else 0 end as {{ decimal_type() }}) as credit_variance,
    cast(case when abs(last_step) <= rounding_limit then last_step else 0 end as {{ decimal_type() }})
        as rounding_variance,
    cast(case
        when waterfall = 'unpriced' then variance_amount
        when abs(last_step) > rounding_limit then last_step
        else 0
    end as {{ decimal_type() }}) as unexplained_variance
from steps
