{%- set key = [
    'direction', 'kind', 'counterparty', 'account_id', 'sku_id', 'meter_id', 'invoice_id', 'origin_period',
    'posting_period', 'origin_status', 'currency',
] %}
select
    {{ identity(key) }} as reconciliation_event_id,
    {{ key | join(', ') }},
    min(seen_at) as seen_at,
    cast(sum(row_count) as bigint) as row_count,
    cast(sum(amount) as {{ decimal_type() }}) as amount
from {{ ref('reconciliation_events') }}
group by {{ key | join(', ') }}
