select
    source,
    file_id,
    billing_period,
    currency,
    count(*) as rows_unused,
    coalesce(sum(amount), 0) as amount_unused,
    count(*) filter (where disposition = 'duplicate') as rows_duplicate,
    coalesce(sum(amount) filter (where disposition = 'duplicate'), 0) as amount_duplicate,
    count(*) filter (where disposition = 'superseded') as rows_superseded,
    coalesce(sum(amount) filter (where disposition = 'superseded'), 0) as amount_superseded,
    count(*) filter (where disposition = 'quarantined') as rows_refused,
    coalesce(sum(amount) filter (where disposition = 'quarantined'), 0) as amount_refused
from {{ ref('record_twins') }}
group by source, file_id, billing_period, currency
