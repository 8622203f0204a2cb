-- What came after its month, of which month is it, where does it stand, and what is it worth?
select
    direction,
    origin_period,
    posting_period,
    origin_status,
    kind,
    counterparty,
    account_id,
    currency,
    sum(row_count) as row_count,
    sum(amount) as amount,
    min(seen_at) as first_seen_at
from {{ ref('fct_reconciliation_events') }}
group by
    direction, origin_period, posting_period, origin_status, kind, counterparty, account_id, currency
order by direction, origin_period, posting_period, kind, account_id, currency
