-- What a pair across a boundary, or a match of a rule, moves to the billed side from the expected one: zero over each.
-- What stands under one name on one side and another on the other is moved as SKU, the rest as timing.
with

matched as (
    select
        matches.match_id,
        matches.match_rule_id,
        matches.side,
        leftovers.row_id as diff_id,
        leftovers.direction,
        leftovers.counterparty,
        leftovers.billing_period,
        leftovers.price_source,
        leftovers.amount,
        row_number() over (
            partition by matches.match_id, matches.side order by abs(leftovers.amount) desc, leftovers.row_id
        ) as place,
        sum(case when matches.side = 'expected' then leftovers.amount else 0 end) over (partition by matches.match_id)
            as expected_amount,
        sum(case when matches.side = 'billed' then leftovers.amount else 0 end) over (partition by matches.match_id)
            as billed_amount,
        count(distinct leftovers.sku_id) over (partition by matches.match_id) > 1 as is_renamed,
        max(leftovers.price_source) over (partition by matches.match_id) as match_price_source
    from {{ ref('key_matches') }} as matches
    inner join {{ ref('leftover_keys') }} as leftovers on matches.diff_id = leftovers.row_id
    where matches.match_id is not null
)

select
    diff_id,
    direction,
    counterparty,
    billing_period,
    price_source,
    moved_amount,
    'timing' as moved_as,
    cast(null as varchar) as match_rule_id
from {{ ref('paired_keys') }}
union all
select
    diff_id,
    direction,
    counterparty,
    billing_period,
    coalesce(price_source, match_price_source) as price_source,
    cast(case
        when side = 'expected' then -amount
        -- several billed keys share what is expected by what they bill; the largest takes what is left over
        when place > 1 then amount
        else expected_amount - (billed_amount - amount)
    end as {{ decimal_type() }}) as moved_amount,
    case when is_renamed then 'sku' else 'timing' end as moved_as,
    match_rule_id
from matched
