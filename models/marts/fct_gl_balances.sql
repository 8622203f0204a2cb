-- Roll-forward of each account, beside what the general ledger says of it.
with

movements as (
    select
        gl_account,
        currency,
        posting_period,
        sum(debit) as debit,
        sum(credit) as credit
    from {{ ref('fct_gl_journal') }}
    group by gl_account, currency, posting_period
),

stated as (
    select
        gl_account,
        currency,
        billing_period as posting_period,
        sum(balance) as balance
    from {{ ref('stg_gl_balances__balances') }}
    group by gl_account, currency, billing_period
),

joined as (
    select
        coalesce(movements.gl_account, stated.gl_account) as gl_account,
        coalesce(movements.currency, stated.currency) as currency,
        coalesce(movements.posting_period, stated.posting_period) as posting_period,
        coalesce(movements.debit, 0) as debit,
        coalesce(movements.credit, 0) as credit,
        stated.balance as stated_balance
    from movements
    full outer join stated
        on
            movements.gl_account = stated.gl_account
            and movements.currency = stated.currency
            and movements.posting_period = stated.posting_period
),

rolled as (
    select
        *,
        sum(debit - credit) over (partition by gl_account, currency order by posting_period) as closing_balance
    from joined
)

select
    gl_account,
    currency,
    posting_period,
    cast(closing_balance - debit + credit as {{ decimal_type() }}) as opening_balance,
    cast(debit as {{ decimal_type() }}) as debit,
    cast(credit as {{ decimal_type() }}) as credit,
    cast(closing_balance as {{ decimal_type() }}) as closing_balance,
    cast(stated_balance as {{ decimal_type() }}) as stated_balance,
    cast(stated_balance - closing_balance as {{ decimal_type() }}) as difference
from rolled
