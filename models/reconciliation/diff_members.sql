-- Every row of both sides, once, with the match key that it is in.
select
    diff_id,
    'billed' as side,
    row_id,
    amount,
    currency,
    file_id,
    file_row
from {{ ref('billed_rows') }}
union all
select
    diff_id,
    'expected' as side,
    expected_charge_id as row_id,
    expected_amount as amount,
    currency,
    file_id,
    file_row
from {{ ref('expected_rows') }}
where direction != 'internal'
