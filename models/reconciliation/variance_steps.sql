-- From what is expected to what is billed, one step a cause: what each adds, and what is left for the rates.
with

disagreeing as (
    select * exclude (is_agreed) from {{ ref('matched_keys') }}
    where not is_agreed
),

timed as (
    select
        sides.*,
        sides.billed_amount - sides.expected_amount as variance_amount,
        coalesce(pairs.moved_amount, 0) as moved_amount,
        pairs.diff_id is not null as is_timed,
        pairs.moved_as,
        pairs.match_rule_id as moved_by_rule_id,
        coalesce(sides.price_source, pairs.price_source) as source_of_price,
        sides.direction = 'receivable' and sides.charge_kind = 'usage' and sides.billed_rows > 0
        and sides.expected_quantity > 0 and sides.billed_quantity != sides.expected_quantity as is_billed_otherwise
    from disagreeing as sides
    left join {{ ref('moved_keys') }} as pairs on sides.diff_id = pairs.diff_id
),

measured as (
    select
        * replace (
            cast(case
                -- a customer's bill is not rated again: its quantity counts at the average price
                when is_billed_otherwise
                    then
                        {{ exact_product(
                            unit_price_of('expected_amount', 'expected_quantity'), 'billed_quantity - expected_quantity'
                        ) }}
                when is_timed then case when expected_rows = 0 then moved_amount else quantity_step + unbilled_step end
                else quantity_step
            end as {{ decimal_type() }}) as quantity_step,
            cast(case
                when is_timed then 0
                when billed_rows = 0 then -expected_amount
                else unbilled_step
            end as {{ decimal_type() }}) as unbilled_step
        )
    from timed
),

summed as (
    select
        *,
        billed_amount - surplus_amount as due_amount,
        expected_amount + duplicate_step + missing_usage_step + unbilled_step + sku_step + quantity_step
            as priced_amount
    from measured
)

select
    summed.*,
    case
        when summed.charge_kind in ('credit', 'discount', 'refund') then 'credit'
        when summed.charge_kind = 'tax' then 'tax'
        when not summed.is_timed and (summed.expected_rows = 0 or summed.unknown_rows > 0) then 'unpriced'
        when summed.source_of_price = 'export_list' then 'list'
        else 'card'
    end as waterfall,
    case when summed.direction = 'payable' then summed.stated_amount else summed.priced_amount end as stated_due_amount,
    -- half a subunit a line is what rounding can explain
    cast(summed.billed_rows as decimal(18, 0))
    * cast(coalesce(currencies.subunit, 0.01) * 0.5 as decimal(18, 18)) as rounding_limit
from summed
left join {{ ref('currencies') }} as currencies on summed.currency = currencies.currency
