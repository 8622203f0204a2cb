-- What should stand on an invoice, by kind of line: a vendor's export by its invoice number, else by account and month;
-- what a customer is expected to owe by account and month.
with

charged as (
    select
        'payable' as direction,
        invoice_issuer as issuer,
        invoice_id,
        billing_account_id as account_id,
        billing_period,
        billing_currency as currency,
        case
            when charge_kind in ('tax', 'credit', 'refund', 'adjustment', 'rounding', 'fee') then charge_kind
            when charge_kind = 'commitment_fee' and charge_frequency = 'Recurring' then 'recurring'
            when charge_kind = 'commitment_fee' then 'fee'
            else 'usage'
        end as line_kind,
        billed_cost as amount
    from {{ ref('charges') }}
    union all
    select
        direction,
        null as issuer,
        null as invoice_id,
        account_id,
        billing_period,
        currency,
        match_kind as line_kind,
        expected_amount as amount
    from {{ ref('expected_rows') }}
    where direction = 'receivable'
)

select
    direction,
    issuer,
    invoice_id,
    account_id,
    billing_period,
    currency,
    line_kind,
    count(*) as row_count,
    cast(coalesce(sum(amount), 0) as {{ decimal_type() }}) as amount
from charged
group by direction, issuer, invoice_id, account_id, billing_period, currency, line_kind
