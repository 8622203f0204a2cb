select
    sli_id,
    name,
    unit,
    sli_value as value,
    comparison,
    target,
    status,
    cast(window_starts_at as varchar) || ' to ' || cast(window_ends_at as varchar) as "window",
    error_budget_left_percent as error_budget_left,
    definition,
    no_data_reason
from {{ ref('slis') }}
