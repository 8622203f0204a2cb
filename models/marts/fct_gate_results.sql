select
    run_id,
    gate,
    check_name,
    expectation,
    column_name,
    level,
    is_passed,
    cast(unexpected_count as bigint) as unexpected_count,
    observed_value,
    meaning,
    cast(checked_at as timestamp) as checked_at
from {{ ref('gate_results') }}
