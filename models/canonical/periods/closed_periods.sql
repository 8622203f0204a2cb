-- The first close counts: nothing reopens a period.
select
    direction,
    billing_period,
    min(closed_at) as closed_at,
    min(closed_at + interval 1 day * grace_days) as final_at
from {{ ref('stg_period_closes__closes') }}
group by direction, billing_period
