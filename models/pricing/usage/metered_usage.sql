-- Own usage to be priced. What a meter sums or counts is priced event by event: its parts add up to the same. Of other
-- meters a window is what is used; what opens a month uses nothing.
with

quantities as (
    select
        * exclude (aggregation, aggregation_window, measured_value, time_zone, contract_from),
        'usage' as charge_kind
    from {{ ref('contracted_usage') }}
    where aggregation in ('sum', 'count')
    union all by name
    select
        * exclude (partition_version),
        'usage' as charge_kind
    from {{ ref('metered_windows') }}
    where {{ is_narrowed('partitions', 'partition_version') }}
    union all by name
    select
        *,
        'recurring' as charge_kind
    from {{ ref('opening_usage') }}
)

select
    cast(md5(concat_ws('|', direction, coalesce(
        cast(usage_id as varchar),
        concat_ws('|', contract_id, contract_version, account_id, coalesce(meter_id, sku_id), local_at)
    ))) as uuid) as priced_id,
    * exclude (used_until),
    concat_ws('|', 'own usage', cast(date_trunc('month', local_at) as date)) as partition_id,
    'own usage' as feed,
    false as is_as_billed,
    account_id as billing_account_id,
    coalesce(used_until, used_at) as used_to,
    cast(date_trunc('month', local_at) as date) as billing_period
from quantities
