{{ config(materialized='table') }}

-- Candidates become pairs one to one, the smallest gap first. One step of the recursion takes the next candidate of
-- every key at once, unless one of its two rows is in a pair already.
with recursive

ranked as (
    select
        *,
        md5(concat_ws(
            '|', direction, counterparty, account_id, charge_kind, currency, boundary,
            coalesce(sku_id, '-'), coalesce(unit, '-'), coalesce(resource_id, '-')
        )) as key_id,
        [
            'billed ' || billed_period || ' ' || billed_date,
            'expected ' || expected_period || ' ' || expected_date
        ] as pair_rows
    from {{ ref('timing_candidates') }}
),

turns as (
    select
        *,
        row_number() over (
            partition by key_id order by gap_days, billed_date, expected_date, billed_period
        ) as turn
    from ranked
),

taken as (
    select
        key_id,
        turn,
        pair_rows as taken_rows,
        true as is_pair
    from turns
    where turn = 1
    union all
    select
        turns.key_id,
        turns.turn,
        case
            when list_has_any(taken.taken_rows, turns.pair_rows) then taken.taken_rows
            else list_concat(taken.taken_rows, turns.pair_rows)
        end as taken_rows,
        not list_has_any(taken.taken_rows, turns.pair_rows) as is_pair
    from taken
    inner join turns on taken.key_id = turns.key_id and taken.turn + 1 = turns.turn
),

pairs as (
    select turns.*
    from turns
    inner join taken on turns.key_id = taken.key_id and turns.turn = taken.turn
    where taken.is_pair
)

select * exclude (key_id, pair_rows, turn)
from pairs
