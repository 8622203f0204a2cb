{{ config(materialized='table') }}

with

charged as (
    select
        'payable' as direction,
        invoice_issuer as issuer,
        billing_period,
        billing_currency as currency,
        sum(billed_cost) as charged_amount
    from {{ ref('charges') }}
    group by invoice_issuer, billing_period, billing_currency
),

invoiced as (
    select
        direction,
        issuer,
        billing_period,
        currency,
        sum(amount_owed) as invoiced_amount,
        count(distinct invoice_id) as invoice_count,
        bool_or(is_provisional) as has_draft
    from {{ ref('invoice_lines') }}
    where not is_void
    group by direction, issuer, billing_period, currency
)

select
    coalesce(invoiced.direction, charged.direction) as direction,
    coalesce(invoiced.issuer, charged.issuer) as issuer,
    coalesce(invoiced.billing_period, charged.billing_period) as billing_period,
    coalesce(invoiced.currency, charged.currency) as currency,
    cast(charged.charged_amount as {{ decimal_type() }}) as charged_amount,
    cast(invoiced.invoiced_amount as {{ decimal_type() }}) as invoiced_amount,
    coalesce(invoiced.invoice_count, 0) as invoice_count,
    coalesce(invoiced.has_draft, true) as is_provisional
from charged
full outer join invoiced
    on
        charged.direction = invoiced.direction
        and charged.issuer = invoiced.issuer
        and charged.billing_period = invoiced.billing_period
        and charged.currency = invoiced.currency
