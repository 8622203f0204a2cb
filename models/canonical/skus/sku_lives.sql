with

days as (
    select
        source,
        provider,
        account_id,
        service_name,
        unit,
        sku_id,
        usage_date,
        max(unit_price) as unit_price
    from {{ ref('sku_days') }}
    group by source, provider, account_id, service_name, unit, sku_id, usage_date
)

select
    source,
    provider,
    account_id,
    service_name,
    unit,
    sku_id,
    min(usage_date) as first_date,
    max(usage_date) as last_date,
    min_by(unit_price, usage_date) as first_unit_price,
    max_by(unit_price, usage_date) as last_unit_price,
    min(min(usage_date)) over account as account_first_date,
    max(max(usage_date)) over account as account_last_date
from days
group by source, provider, account_id, service_name, unit, sku_id
window account as (partition by source, provider, account_id)
