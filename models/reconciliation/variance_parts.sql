-- Every variance in parts that sum to it exactly, in the order of the waterfall: credit and tax leave first, then
-- what a pair moves across a boundary of periods; an unpriced key stays unexplained with its reason; then quantity,
-- rate, discount, rounding, rest.
with

matched as (
    select
        sides.*,
        sides.billed_amount - sides.expected_amount as variance_amount,
        coalesce(timed.moved_amount, 0) as moved_amount,
        sides.expected_amount + coalesce(timed.moved_amount, 0) as due_amount,
        sides.stated_amount + coalesce(timed.moved_stated_amount, 0) as stated_due_amount,
        case
            when sides.charge_kind in ('credit', 'discount', 'refund') then 'credit'
            when sides.charge_kind = 'tax' then 'tax'
            when timed.moved_amount is null and (sides.expected_rows = 0 or sides.unpriced_rows > 0)
                then 'unpriced'
            when coalesce(sides.price_source, timed.price_source) = 'export_list' then 'list'
            else 'card'
        end as waterfall,
        -- half a subunit a line is what rounding can explain
        cast(sides.billed_rows as decimal(18, 0))
        * cast(coalesce(currencies.subunit, 0.01) * 0.5 as decimal(18, 18)) as rounding_limit
    from {{ ref('matched_keys') }} as sides
    left join {{ ref('timed_keys') }} as timed
        on
            sides.direction = timed.direction
            and sides.counterparty = timed.counterparty
            and sides.billing_period = timed.billing_period
            and sides.account_id = timed.account_id
            and sides.charge_kind = timed.charge_kind
            and sides.currency = timed.currency
            and sides.usage_date = timed.usage_date
            and sides.sku_id is not distinct from timed.sku_id
            and sides.unit is not distinct from timed.unit
    left join {{ ref('currencies') }} as currencies on sides.currency = currencies.currency
),

-- The provider's stated rate explains a difference only when it comes closer to the bill than the
-- expected amount does; exports exist whose stated rates are blank or masked.
stepped as (
    select
        *,
        case
            when waterfall not in ('list', 'card') then billed_amount
            when abs(billed_amount - stated_due_amount) < abs(billed_amount - due_amount) then stated_due_amount
            else due_amount
        end as rated_amount
    from matched
),

steps as (
    select
        *,
        case when waterfall in ('list', 'card') then rated_amount - due_amount else 0 end as rate_step,
        billed_amount - rated_amount as last_step
    from stepped
)

select
    *,
    cast(0 as {{ decimal_type() }}) as quantity_variance,
    cast(case when waterfall = 'card' then rate_step else 0 end as {{ decimal_type() }}) as rate_variance,
    cast(0 as {{ decimal_type() }}) as missing_usage_variance,
    cast(0 as {{ decimal_type() }}) as duplicate_variance,
    cast(moved_amount as {{ decimal_type() }}) as timing_variance,
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
