{{ config(materialized='table') }}

-- Closed periods whose closing entries are posted: the run that froze the period, or one after it, posted to its end.
select distinct
    direction,
    billing_period as posting_period
from {{ ref('period_snapshots') }}
where
    frozen_at <= (
        select max(runs.as_of) from {{ source('landing', 'runs') }} as runs
        where runs.step = 'post' and runs.status != 'failed'
    )
