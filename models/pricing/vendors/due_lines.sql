-- Tax and credits are due for an account's month as a whole: what the bill differs by stands on its largest line.
with

lines as (
    select
        charge_id,
        charge_kind,
        partition_id,
        provider,
        billing_account_id,
        billing_currency,
        billed_cost,
        sum(billed_cost) over account_month as billed_total,
        row_number() over (account_month order by abs(billed_cost) desc, charge_id) as line_rank
    from {{ ref('charges') }}
    where charge_kind in ('tax', 'credit')
    window account_month as (partition by partition_id, billing_account_id, billing_currency, charge_kind)
),

due as (
    select
        *,
        'tax' as charge_kind,
        tax_due as amount
    from {{ ref('contracted_months') }}
    where tax_due is not null
    union all
    select
        *,
        'credit' as charge_kind,
        credit_due as amount
    from {{ ref('contracted_months') }}
    where credit_due is not null
)

select
    lines.charge_id,
    due.contract_id,
    due.contract_version,
    cast(
        lines.billed_cost + case when lines.line_rank = 1 then due.amount - lines.billed_total else 0 end
        as {{ decimal_type() }}
    ) as expected_amount
from lines
inner join due
    on
        lines.partition_id = due.partition_id
        and lines.provider = due.counterparty
        and lines.billing_account_id = due.billing_account_id
        and lines.billing_currency = due.currency
        and lines.charge_kind = due.charge_kind
