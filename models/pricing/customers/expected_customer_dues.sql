select
    dues.expected_charge_id,
    cast(null as uuid) as charge_id,
    cast(null as uuid) as usage_id,
    dues.direction,
    dues.counterparty,
    dues.contract_id,
    dues.contract_version,
    dues.account_id as billing_account_id,
    dues.account_id,
    dues.sku_id,
    dues.charge_kind,
    dues.billing_period,
    dues.charge_period_start,
    dues.charge_period_end,
    case when dues.expected_amount is not null then 'contract' end as price_source,
    case when dues.expected_amount is null then 'none' else 'independent' end as assurance,
    dues.expected_amount,
    dues.currency,
    dues.credit_id,
    dues.unpriced_reason,
    partitions.partition_id,
    partitions.partition_version
from {{ ref('customer_dues') }} as dues
inner join {{ ref('expected_partitions') }} as partitions
    on concat_ws('|', 'customer dues', dues.billing_period) = partitions.partition_id
