with

deliveries as (
    select * from {{ source('landing', 'deliveries') }}
),

doubled as (
    select
        source,
        feed,
        billing_period,
        min(counted_in_feed) as doubled_by_feed,
        sum(charge_count) as doubled_charges,
        string_agg(
            billed_cost || ' ' || currency || ' of account ' || billing_account_id, '; ' order by billing_account_id
        ) as doubled_money
    from {{ ref('doubled_months') }}
    group by source, feed, billing_period
)

select
    deliveries.delivery_id,
    deliveries.source,
    deliveries.feed,
    deliveries.billing_period,
    deliveries.delivery_kind,
    deliveries.delivery_key,
    deliveries.delivered_at,
    len(deliveries.contents) as file_count,
    deliveries.row_count,
    deliveries.rows_quarantined,
    nullif(array_to_string(deliveries.missing_files, '; '), '') as missing_files,
    deliveries.status,
    deliveries.reason,
    doubled.doubled_by_feed,
    doubled.doubled_charges,
    doubled.doubled_money
from deliveries
left join doubled
    on
        deliveries.source = doubled.source
        and deliveries.feed = doubled.feed
        and deliveries.billing_period = doubled.billing_period
        and deliveries.status = 'current'
