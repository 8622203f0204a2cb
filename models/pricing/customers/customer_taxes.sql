-- Tax on what is left of a month after credit, rounded once for the scope that the contract names.
with

lines as (
    select
        contract_id,
        billing_period,
        sku_id,
        charge_kind,
        amount
    from {{ ref('customer_lines') }}
    union all
    select
        contract_id,
        billing_period,
        credit_id as sku_id,
        'credit' as charge_kind,
        -amount as amount
    from {{ ref('credit_draws') }}
),

taxed as (
    select
        lines.*,
        coalesce(currencies.subunit_digits, 2) as subunit_digits,
        cast(terms.tax_rate * 0.01 as decimal(38, 18)) as tax_share,
        case terms.tax_scope when 'line' then concat_ws('|', lines.charge_kind, lines.sku_id) else '' end as tax_scope
    from lines
    inner join {{ ref('customer_terms') }} as terms
        on lines.contract_id = terms.contract_id and lines.billing_period = terms.billing_period
    left join {{ ref('currencies') }} as currencies on terms.currency = currencies.currency
    -- a price that holds the tax leaves none to be added
    where terms.tax_rate > 0 and not terms.is_tax_included
),

scopes as (
    select
        contract_id,
        billing_period,
        subunit_digits,
        {{ exact_product('cast(sum(amount) as decimal(38, 18))', 'max(tax_share)') }} as amount
    from taxed
    group by contract_id, billing_period, subunit_digits, tax_scope
)

select
    contract_id,
    billing_period,
    cast(sum({{ rounded_to('amount', 'subunit_digits') }}) as {{ decimal_type() }}) as amount
from scopes
group by contract_id, billing_period
having sum(amount) != 0
