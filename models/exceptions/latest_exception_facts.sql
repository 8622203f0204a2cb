{{ config(materialized='table') }}

-- The facts as last compared, and when they were first and last outside the tolerance.
select
    *,
    min(recorded_at) over exception as opened_at,
    max(case when event_type = 'resolved' then recorded_at end) over exception as settled_at
from {{ ref('exception_facts') }}
where exception_id is not null
window exception as (partition by exception_id)
qualify row_number() over (partition by exception_id order by comparison desc) = 1
