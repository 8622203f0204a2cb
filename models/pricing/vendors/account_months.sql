-- depends_on: {{ ref('pricing_partitions') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(pricing_partitions_of('payable')) }}",
) }}

with

-- Where bills are net, the lines of a discount state what the prices hold already.
restated as (
    select charge_id
    from {{ ref('charges') }}
    where charge_kind = 'discount' and billed_cost = 0
)

select
    expected.partition_id,
    expected.partition_version,
    expected.counterparty,
    expected.billing_account_id,
    expected.billing_period,
    expected.currency,
    -- what we cannot know for a gap in our metering, or by a SKU's new name, the bill tells
    cast(coalesce(sum(
        case
            when expected.deviation in ('missing_usage', 'sku') then expected.amount_as_billed
            else expected.expected_amount
        end
    ), 0) as {{ decimal_type() }}) as expected_net,
    count(*) filter (
        where expected.expected_amount is null
        and (expected.amount_as_billed is null or expected.deviation != 'sku')
        and expected.charge_kind not in ('amortisation', 'cost_share', 'commitment_unused', 'rounding')
    ) as unpriced_rows
from {{ ref('expected_vendor_charges') }} as expected
anti join restated on expected.charge_id = restated.charge_id
where
    expected.charge_kind not in ('tax', 'credit')
    and {{ is_changed_partition(pricing_partitions_of('payable'), 'expected.partition_version') }}
group by
    expected.partition_id, expected.partition_version, expected.counterparty, expected.billing_account_id,
    expected.billing_period, expected.currency
