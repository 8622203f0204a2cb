with

stated as (
    select * from {{ ref('stg_focus__billing_periods') }}
    qualify row_number() over (
        partition by billing_period_start, billing_period_end, invoice_issuer_name
        order by billing_period_last_updated desc nulls last, file_id asc, file_row asc
    ) = 1
),

charged as (
    select
        billing_period_start,
        billing_period_end,
        invoice_issuer,
        bool_and(invoice_id is not null) as is_invoiced,
        max(charged_until) as charged_until
    from {{ ref('invoice_detail_totals') }}
    group by billing_period_start, billing_period_end, invoice_issuer
)

select
    coalesce(stated.billing_period_start, charged.billing_period_start) as billing_period_start,
    coalesce(stated.billing_period_end, charged.billing_period_end) as billing_period_end,
    coalesce(stated.invoice_issuer_name, charged.invoice_issuer) as invoice_issuer,
    coalesce(
        stated.billing_period_status, case when charged.is_invoiced then 'Closed' else 'Open' end
    ) as billing_period_status,
    coalesce(
        stated.billing_period_created, stated.billing_period_start, charged.billing_period_start
    ) as created_at,
    coalesce(
        stated.billing_period_last_updated,
        stated.billing_period_start,
        greatest(charged.billing_period_start, least(charged.billing_period_end, charged.charged_until))
    ) as last_updated_at,
    stated.invoice_issuer_name is not null as is_stated
from charged
full outer join stated
    on
        charged.billing_period_start = stated.billing_period_start
        and charged.billing_period_end = stated.billing_period_end
        and charged.invoice_issuer = stated.invoice_issuer_name
