{{ config(tags=['law']) }}
-- Law 2. Guards against money that changes between the delivered text and the charges: per source, feed,
-- billing period and currency, what the current files state equals the charges plus dropped duplicates.
with

delivered as (
    select
        files.source,
        files.feed,
        files.billing_period,
        totals.currency,
        sum(totals.amount) as amount
    from {{ ref('partition_files') }} as files
    inner join {{ source('landing', 'file_totals') }} as totals
        on files.file_id = totals.file_id and files.billing_period = totals.billing_period
    where files.holds = 'charges'
    group by files.source, files.feed, files.billing_period, totals.currency
),

charged as (
    select
        source,
        feed,
        billing_period,
        billing_currency as currency,
        sum({{ stated_cost('source', 'feed') }}) as amount
    from {{ ref('fct_charges') }}
    group by source, feed, billing_period, billing_currency
),

dropped as (
    select
        files.source,
        files.feed,
        files.billing_period,
        twins.billing_currency as currency,
        sum({{ stated_cost('files.source', 'files.feed') }}) as amount
    from {{ ref('charge_twins') }} as twins
    inner join {{ ref('partition_files') }} as files
        on twins.file_id = files.file_id and twins.partition_id = files.partition_id
    where twins.is_duplicate
    group by files.source, files.feed, files.billing_period, twins.billing_currency
)

select
    coalesce(delivered.source, charged.source) as source,
    coalesce(delivered.feed, charged.feed) as feed,
    coalesce(delivered.billing_period, charged.billing_period) as billing_period,
    coalesce(delivered.currency, charged.currency) as currency,
    delivered.amount as delivered_amount,
    charged.amount as charged_amount,
    dropped.amount as dropped_amount
from delivered
full outer join charged
    on
        delivered.source = charged.source
        and delivered.feed = charged.feed
        and delivered.billing_period = charged.billing_period
        and delivered.currency = charged.currency
left join dropped
    on
        delivered.source = dropped.source
        and delivered.feed = dropped.feed
        and delivered.billing_period = dropped.billing_period
        and delivered.currency = dropped.currency
where coalesce(delivered.amount, 0) != coalesce(charged.amount, 0) + coalesce(dropped.amount, 0)
