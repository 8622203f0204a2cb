-- The billed side. Invoice is an attribute, not part of the key.
select
    billed.diff_id,
    partitions.partition_id,
    partitions.partition_version,
    min(billed.direction) as direction,
    min(billed.counterparty) as counterparty,
    min(billed.billing_period) as billing_period,
    min(billed.account_id) as account_id,
    min(billed.sku_id) as sku_id,
    min(billed.charge_kind) as charge_kind,
    min(billed.usage_date) as usage_date,
    min(billed.unit) as unit,
    min(billed.resource_id) as resource_id,
    min(billed.currency) as currency,
    min(billed.invoice_id) as invoice_id,
    count(*) as billed_rows,
    cast(sum(billed.quantity) as {{ decimal_type() }}) as billed_quantity,
    cast(sum(billed.amount) as {{ decimal_type() }}) as billed_amount,
    cast(coalesce(sum(billed.amount) filter (where billed.is_surplus), 0) as {{ decimal_type() }}) as surplus_amount
from {{ ref('billed_rows') }} as billed
inner join {{ ref('reconciliation_partitions') }} as partitions on billed.partition_id = partitions.partition_id
where {{ is_narrowed('months', 'partitions.partition_version') }}
group by billed.diff_id, partitions.partition_id, partitions.partition_version
