-- The billed side. Invoice is an attribute, not part of the key. A partition's version stands for its month.
select
    partitions.partition_version,
    billed.counterparty,
    billed.account_id,
    billed.sku_id,
    billed.charge_kind,
    billed.usage_date,
    billed.unit,
    billed.resource_id,
    billed.currency,
    min(billed.invoice_id) as invoice_id,
    count(*) as billed_rows,
    cast(sum(billed.quantity) as {{ decimal_type() }}) as billed_quantity,
    cast(sum(billed.amount) as {{ decimal_type() }}) as billed_amount,
    cast(coalesce(sum(billed.amount) filter (where billed.is_surplus), 0) as {{ decimal_type() }}) as surplus_amount
from {{ ref('billed_rows') }} as billed
inner join {{ ref('reconciliation_partitions') }} as partitions on billed.partition_id = partitions.partition_id
where {{ is_narrowed('months', 'partitions.partition_version') }}
group by all
