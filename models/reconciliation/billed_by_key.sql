-- The billed side. Invoice is an attribute, not part of the key.
select
    partitions.partition_id,
    partitions.partition_version,
    partitions.direction,
    partitions.counterparty,
    partitions.billing_period,
    coalesce(charges.sub_account_id, charges.billing_account_id) as account_id,
    charges.sku_id,
    charges.charge_kind,
    {{ usage_date('charges.charge_kind', 'charges.charge_period_start') }} as usage_date,
    charges.pricing_unit as unit,
    charges.billing_currency as currency,
    min(charges.invoice_id) as invoice_id,
    count(*) as billed_rows,
    cast(sum(charges.pricing_quantity) as {{ decimal_type() }}) as billed_quantity,
    cast(sum(charges.billed_cost) as {{ decimal_type() }}) as billed_amount
from {{ ref('charges') }} as charges
inner join {{ ref('reconciliation_partitions') }} as partitions
    on charges.provider = partitions.counterparty and charges.billing_period = partitions.billing_period
where {{ is_narrowed('partitions', 'partitions.partition_version') }}
group by all
