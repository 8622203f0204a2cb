-- The billed side. Invoice is an attribute, not part of the key.
select
    'payable' as direction,
    provider as counterparty,
    billing_period,
    coalesce(sub_account_id, billing_account_id) as account_id,
    sku_id,
    charge_kind,
    {{ usage_date('charge_kind', 'charge_period_start') }} as usage_date,
    pricing_unit as unit,
    billing_currency as currency,
    min(invoice_id) as invoice_id,
    count(*) as billed_rows,
    cast(sum(pricing_quantity) as {{ decimal_type() }}) as billed_quantity,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_amount
from {{ ref('charges') }}
group by all
