-- depends_on: {{ ref('pricing_partitions') }}
{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(pricing_partitions_of('payable')) }}",
) }}

select
    expected.partition_id,
    expected.partition_version,
    expected.counterparty as provider,
    expected.contract_id,
    expected.rate_card_id,
    expected.rate_version,
    expected.billing_account_id,
    expected.sku_id,
    charges.region_id,
    expected.unit,
    charges.billing_currency as currency,
    expected.billing_period,
    count(*) as charge_count,
    cast(sum(expected.provider_quantity) as {{ decimal_type() }}) as quantity,
    cast(sum(charges.billed_cost) as {{ decimal_type() }}) as billed_cost,
    count(*) filter (where charges.billed_cost > expected.amount_as_billed) as charges_above,
    count(*) filter (where charges.billed_cost < expected.amount_as_billed) as charges_below,
    -- of what our own prices make of the bill; nothing where they do not say
    cast(sum(expected.amount_as_billed) filter (
        where expected.assurance in ('rate_checked', 'independent')
    ) as {{ decimal_type() }}) as agreed_cost
from {{ ref('expected_vendor_charges') }} as expected
inner join {{ ref('charges') }} as charges on expected.charge_id = charges.charge_id
where
    expected.charge_kind = 'usage'
    and expected.sku_id is not null
    and not expected.is_surplus
    and {{ is_changed_partition(pricing_partitions_of('payable'), 'expected.partition_version') }}
group by all
