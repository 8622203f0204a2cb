-- Which files stand behind each month's charges, are they whole, and which charges lack a tag, an owner or an invoice?
with

files as (
    select * from {{ ref('fct_landed_files') }}
),

charges as (
    select * from {{ ref('fct_charges') }}
),

charged as (
    select
        file_id,
        billing_period,
        billing_currency,
        min(delivery_id) as delivery_id,
        count(*) as charge_count,
        count(*) filter (where coalesce(tags, '{}') = '{}') as untagged_count,
        count(*) filter (where owner = 'unattributed') as unowned_count,
        count(*) filter (where invoice_id is null) as uninvoiced_count,
        sum(billed_cost) as billed_cost
    from charges
    group by file_id, billing_period, billing_currency
)

select
    files.source,
    files.path,
    files.sha256,
    files.status,
    files.reason,
    files.delivered_at,
    files.landed_at,
    files.rows_total,
    files.rows_accepted,
    files.rows_quarantined,
    charged.billing_period,
    charged.billing_currency,
    charged.delivery_id,
    coalesce(charged.charge_count, 0) as charge_count,
    coalesce(charged.untagged_count, 0) as untagged_count,
    coalesce(charged.unowned_count, 0) as unowned_count,
    coalesce(charged.uninvoiced_count, 0) as uninvoiced_count,
    charged.billed_cost
from files
left join charged on files.file_id = charged.file_id and files.status != 'duplicate'
order by files.source, files.path, files.sha256, charged.billing_period, charged.billing_currency
