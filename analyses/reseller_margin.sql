-- What stays of each customer's invoices once the vendor charges that we pass on to it are paid?
with

costs as (
    select
        billing_period,
        tenant as customer,
        sum(effective_cost_reporting) as vendor_cost_reporting,
        count(*) - count(effective_cost_reporting) as charges_without_rate
    from {{ ref('fct_charges') }}
    where tenant is not null
    group by billing_period, tenant
),

invoiced as (
    select
        invoice_lines.billing_period,
        invoice_lines.recipient as customer,
        invoice_lines.line_kind = 'credit' as is_credit,
        case
            when invoice_lines.currency = '{{ var("reporting_currency") }}' then invoice_lines.amount_owed
            else {{ exact_product('invoice_lines.amount_owed', 'rates.rate') }}
        end as amount_reporting
    from {{ ref('fct_invoice_lines') }} as invoice_lines
    left join {{ ref('rate_spans') }} as rates
        on
            invoice_lines.currency = rates.from_currency
            and rates.to_currency = '{{ var("reporting_currency") }}'
            and invoice_lines.issued_at >= rates.rate_date
            and invoice_lines.issued_at < rates.next_rate_date
    where
        invoice_lines.direction = 'receivable'
        and invoice_lines.line_kind != 'tax'
        and not invoice_lines.is_provisional
),

revenues as (
    select
        billing_period,
        customer,
        coalesce(sum(amount_reporting) filter (where not is_credit), 0) as invoiced_reporting,
        coalesce(sum(amount_reporting) filter (where is_credit), 0) as credits_reporting,
        count(*) - count(amount_reporting) as lines_without_rate
    from invoiced
    group by billing_period, customer
),

margins as (
    select
        coalesce(revenues.billing_period, costs.billing_period) as billing_period,
        coalesce(revenues.customer, costs.customer) as customer,
        coalesce(revenues.invoiced_reporting, 0) as invoiced_reporting,
        coalesce(revenues.credits_reporting, 0) as credits_reporting,
        coalesce(costs.vendor_cost_reporting, 0) as vendor_cost_reporting,
        coalesce(revenues.lines_without_rate, 0) as lines_without_rate,
        coalesce(costs.charges_without_rate, 0) as charges_without_rate
    from revenues
    full outer join costs
        on revenues.billing_period = costs.billing_period and revenues.customer = costs.customer
)

select
    *,
    invoiced_reporting - vendor_cost_reporting as margin_reporting,
    round({{ exact_ratio('100 * (invoiced_reporting - vendor_cost_reporting)', 'invoiced_reporting') }}, 2)
        as margin_percent
from margins
order by billing_period asc, margin_reporting asc, customer asc
