{{ config(materialized='table') }}

-- What a month's contract makes due beside usage, with what it follows from.
with

terms as (
    select
        terms.*,
        coalesce(currencies.subunit_digits, 2) as subunit_digits
    from {{ ref('customer_terms') }} as terms
    left join {{ ref('currencies') }} as currencies on terms.currency = currencies.currency
),

unpriced as (
    select
        contract_id,
        billing_period,
        sum(unpriced_rows) as unpriced_rows
    from {{ ref('customer_months') }}
    group by contract_id, billing_period
),

due as (
    select
        contract_id,
        billing_period,
        charge_kind,
        sku_id,
        cast(null as varchar) as credit_id,
        amount
    from {{ ref('customer_lines') }}
    where charge_kind != 'usage' and amount != 0
    union all
    select
        contract_id,
        billing_period,
        'credit' as charge_kind,
        cast(null as varchar) as sku_id,
        credit_id,
        -amount as amount
    from {{ ref('credit_draws') }}
    union all
    select
        contract_id,
        billing_period,
        'tax' as charge_kind,
        cast(null as varchar) as sku_id,
        cast(null as varchar) as credit_id,
        amount
    from {{ ref('customer_taxes') }}
)

select
    {{ identity(['due.contract_id', 'due.billing_period', 'due.charge_kind', 'due.sku_id', 'due.credit_id']) }}
        as expected_charge_id,
    terms.direction,
    terms.counterparty,
    terms.contract_id,
    terms.contract_version,
    terms.account_id,
    due.sku_id,
    due.charge_kind,
    due.billing_period,
    {{ utc_of_zone('cast(due.billing_period as timestamp)', 'terms.time_zone') }} as charge_period_start,
    {{ utc_of_zone('cast(terms.next_period as timestamp)', 'terms.time_zone') }} as charge_period_end,
    case when coalesce(unpriced.unpriced_rows, 0) = 0 then due.amount end as expected_amount,
    terms.currency,
    due.credit_id,
    case when unpriced.unpriced_rows > 0 then unpriced.unpriced_rows || ' rows of the month have no price' end
        as unpriced_reason
from due
inner join terms on due.contract_id = terms.contract_id and due.billing_period = terms.billing_period
left join unpriced on due.contract_id = unpriced.contract_id and due.billing_period = unpriced.billing_period
