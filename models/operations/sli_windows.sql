select
    sli_id,
    name,
    comparison,
    target,
    unit,
    window_days,
    definition,
    no_data_reason,
    {{ as_of() }} - interval 1 day * window_days as window_starts_at,
    {{ as_of() }} as window_ends_at
from {{ ref('sli_targets') }}
where cast({{ as_of() }} as date) >= valid_from and cast({{ as_of() }} as date) < coalesce(valid_to, date '9999-12-31')
