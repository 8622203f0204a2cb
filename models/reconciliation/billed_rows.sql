-- What is billed, row by row, with the key that it is matched by. A vendor's line is matched by its day and, where we
-- meter the resource, by that; a customer's invoice line by its month.
with

customers as (
    select
        account_id,
        min(counterparty) as counterparty
    from {{ ref('account_contracts') }}
    where direction = 'receivable'
    group by account_id
),

keyed as (
    select
        'billed charge' as row_kind,
        charges.charge_id as row_id,
        concat_ws('|', 'payable', charges.provider, charges.billing_period) as partition_id,
        'payable' as direction,
        charges.provider as counterparty,
        charges.billing_period,
        coalesce(charges.sub_account_id, charges.billing_account_id) as account_id,
        charges.sku_id,
        charges.charge_kind,
        {{ usage_date('charges.charge_kind', 'charges.charge_period_start') }} as usage_date,
        charges.pricing_unit as unit,
        charges.billing_currency as currency,
        case when charges.charge_kind = 'usage' and tiered.sku_id is null then metered.resource_id end as resource_id,
        charges.invoice_id,
        charges.pricing_quantity as quantity,
        charges.billed_cost as amount,
        coalesce(metered.is_surplus and charges.charge_kind = 'usage', false) as is_surplus,
        charges.file_id,
        charges.file_row
    from {{ ref('charges') }} as charges
    left join {{ ref('metered_charges') }} as metered on charges.charge_id = metered.charge_id
    left join {{ ref('tiered_skus') }} as tiered on charges.sku_id = tiered.sku_id
    union all
    select
        'invoice line' as row_kind,
        invoiced.invoice_line_id as row_id,
        concat_ws('|', 'receivable', invoiced.billing_period) as partition_id,
        'receivable' as direction,
        coalesce(customers.counterparty, invoiced.recipient) as counterparty,
        invoiced.billing_period,
        invoiced.account_id,
        case when {{ invoice_kind('invoiced.line_kind') }} = 'usage' then invoiced.sku_id end as sku_id,
        {{ invoice_kind('invoiced.line_kind') }} as charge_kind,
        null as usage_date,
        null as unit,
        invoiced.currency,
        null as resource_id,
        invoiced.invoice_id,
        case when invoiced.line_kind = 'usage' then invoiced.quantity end as quantity,
        invoiced.amount_owed as amount,
        false as is_surplus,
        invoiced.file_id,
        invoiced.file_row
    from {{ ref('invoice_lines') }} as invoiced
    left join customers on invoiced.account_id = customers.account_id
    where invoiced.direction = 'receivable'
)

select
    *,
    {{ diff_id('charge_kind', 'sku_id', 'usage_date', 'unit', 'resource_id') }} as diff_id
from keyed
