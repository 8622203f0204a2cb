with

totals as (
    select * from {{ ref('invoice_detail_totals') }}
    where invoice_detail_id is not null
),

stated as (
    select * from {{ ref('stated_invoice_details') }}
)

select
    totals.invoice_detail_id,
    min(totals.invoice_issuer) as invoice_issuer,
    min(totals.invoice_id) as invoice_id,
    min(totals.billing_account_id) as billing_account_id,
    min(totals.billing_currency) as billing_currency,
    min(totals.billing_period_start) as billing_period_start,
    min(totals.billing_period_end) as billing_period_end,
    min(totals.charge_category) as charge_category,
    cast(sum(totals.billed_cost) as {{ decimal_type() }}) as billed_cost
from totals
left join stated on totals.invoice_detail_id = stated.invoice_detail_id
where stated.invoice_detail_id is null
group by totals.invoice_detail_id
having min(totals.invoice_id) is not null
