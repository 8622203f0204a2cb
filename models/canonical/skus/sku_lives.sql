-- Where two partitions price the same day, the higher price counts, as it does within a partition.
select
    source,
    provider,
    account_id,
    service_name,
    unit,
    sku_id,
    min(first_date) as first_date,
    max(last_date) as last_date,
    min_by(first_unit_price, (first_priced_date, -first_unit_price)) as first_unit_price,
    max_by(last_unit_price, (last_priced_date, last_unit_price)) as last_unit_price,
    min(min(first_date)) over account as account_first_date,
    max(max(last_date)) over account as account_last_date
from {{ ref('sku_periods') }}
group by source, provider, account_id, service_name, unit, sku_id
window account as (partition by source, provider, account_id)
