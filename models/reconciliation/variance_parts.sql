-- Every variance in parts that sum to it exactly, in the order of the waterfall: credit and tax leave first, then
-- what a pair moves across a boundary of periods; an unpriced key stays unexplained with its reason; then quantity,
-- rate, discount, rounding, rest.
with

matched as (
    select
        matched_keys.*,
        matched_keys.billed_amount - matched_keys.expected_amount as variance_amount,
        coalesce(timed.moved_amount, 0) as moved_amount,
        matched_keys.expected_amount + coalesce(timed.moved_amount, 0) as due_amount,
        matched_keys.stated_amount + coalesce(timed.moved_stated_amount, 0) as stated_due_amount,
        case
            when matched_keys.charge_kind in ('credit', 'discount', 'refund') then 'credit'
            when matched_keys.charge_kind = 'tax' then 'tax'
            when timed.moved_amount is null and (matched_keys.expected_rows = 0 or matched_keys.unpriced_rows > 0)
                then 'unpriced'
            when coalesce(matched_keys.price_source, timed.price_source) = 'export_list' then 'list'
            else 'card'
        end as waterfall,
        -- half a subunit a line is what rounding can explain
        cast(matched_keys.billed_rows as decimal(18, 0))
        * cast(coalesce(currencies.subunit, 0.01) * 0.5 as decimal(18, 18)) as rounding_limit
    from {{ ref('matched_keys') }} as matched_keys
    left join {{ ref('timed_keys') }} as timed
        on
            matched_keys.direction = timed.direction
            and matched_keys.counterparty = timed.counterparty
            and matched_keys.billing_period = timed.billing_period
            and matched_keys.account_id = timed.account_id
            and matched_keys.charge_kind = timed.charge_kind
            and matched_keys.currency = timed.currency
            and matched_keys.usage_date = timed.usage_date
            and matched_keys.sku_id is not distinct from timed.sku_id
            and matched_keys.unit is not distinct from timed.unit
    left join {{ ref('currencies') }} as currencies on matched_keys.currency = currencies.currency
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
