-- The expected side, on the same key.
select
    partitions.partition_id,
    partitions.partition_version,
    partitions.direction,
    partitions.counterparty,
    partitions.billing_period,
    expected.account_id,
    expected.sku_id,
    expected.charge_kind,
    {{ usage_date('expected.charge_kind', 'expected.charge_period_start') }} as usage_date,
    expected.unit,
    expected.currency,
    min(expected.contract_id) as contract_id,
    -- a key is as sure as its weakest row
    case
        when bool_or(expected.price_source = 'export_list') then 'export_list'
        when bool_or(expected.price_source = 'price_list') then 'price_list'
        when bool_or(expected.price_source = 'contract') then 'contract'
    end as price_source,
    case
        when bool_or(expected.assurance = 'none') then 'none'
        when bool_or(expected.assurance = 'self_consistent') then 'self_consistent'
        when bool_or(expected.assurance = 'rate_checked') then 'rate_checked'
        else 'independent'
    end as assurance,
    min(expected.unpriced_reason) as unpriced_reason,
    count(*) as expected_rows,
    count(*) filter (where expected.expected_amount is null) as unpriced_rows,
    cast(sum(expected.quantity) as {{ decimal_type() }}) as expected_quantity,
    cast(coalesce(sum(expected.expected_amount), 0) as {{ decimal_type() }}) as expected_amount,
    -- what the provider's own stated rate gives; the expected amount where it states none
    cast(
        coalesce(sum(coalesce(expected.contracted_amount, expected.expected_amount)), 0) as {{ decimal_type() }}
    ) as stated_amount
from {{ ref('due_charges') }} as expected
inner join {{ ref('reconciliation_partitions') }} as partitions
    on
        expected.direction = partitions.direction
        and expected.counterparty = partitions.counterparty
        and expected.billing_period = partitions.billing_period
where {{ is_narrowed('partitions', 'partitions.partition_version') }}
group by all
