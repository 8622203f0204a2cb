-- What is not part of a close is posted to the month of the run, or the first after the last frozen one.
with

directions as (
    select unnest(['payable', 'receivable', 'internal']) as direction
)

select
    directions.direction,
    greatest(
        cast(date_trunc('month', {{ as_of() }}) as date),
        cast(max(snapshots.billing_period) + interval 1 month as date)
    ) as posting_period
from directions
left join {{ ref('period_snapshots') }} as snapshots on directions.direction = snapshots.direction
group by directions.direction
