-- The contract of each account's month, and the credits and the tax that it makes due.
with

contracts as (
    select
        contract_id,
        contract_version,
        counterparty,
        tax_rate,
        effective_from,
        effective_to,
        unnest(string_split(account_patterns, ';')) as account_pattern
    from {{ ref('contract_versions') }}
    where direction = 'payable'
),

granted as (
    select * from {{ ref('credit_grants') }}
),

contracted as (
    select
        months.*,
        contracts.contract_id,
        contracts.contract_version,
        contracts.tax_rate,
        case
            when granted.amount is not null then -least(granted.amount, greatest(months.expected_net, 0))
        end as credit_due
    from {{ ref('account_months') }} as months
    inner join contracts
        on
            months.counterparty = contracts.counterparty
            and months.billing_account_id glob contracts.account_pattern
            and months.billing_period >= contracts.effective_from
            and months.billing_period < contracts.effective_to
    left join granted
        on
            contracts.contract_id = granted.contract_id
            and months.currency = granted.currency
            and months.billing_period = granted.granted_month
    -- contracts that both cover an account are a fault of the input; the first by id decides
    qualify row_number() over (
        partition by months.partition_version, months.billing_account_id, months.currency
        order by contracts.contract_id
    ) = 1
),

taxed as (
    select
        contracted.*,
        coalesce(currencies.subunit_digits, 2) as subunit_digits,
        {{ exact_product(
            'contracted.expected_net + coalesce(contracted.credit_due, 0)',
            'cast(contracted.tax_rate * 0.01 as decimal(38, 18))',
        ) }}
            as tax_amount
    from contracted
    left join {{ ref('currencies') }} as currencies on contracted.currency = currencies.currency
)

select
    * exclude (tax_amount, subunit_digits),
    -- rounded once, for the whole of the month
    case when unpriced_rows = 0 then {{ rounded_to('tax_amount', 'subunit_digits') }} end as tax_due
from taxed
