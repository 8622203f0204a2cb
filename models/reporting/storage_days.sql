{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('partitions')) }}",
) }}

-- depends_on: {{ ref('gate_canonical') }}
select
    charges.partition_id,
    charges.partition_version,
    charges.provider,
    charges.billing_currency,
    charges.billing_period,
    coalesce(charges.sub_account_id, charges.billing_account_id) as account_id,
    charges.region_id,
    charges.resource_id,
    charges.sku_id,
    meters.meter as tier,
    meters.unit,
    meters.is_stored,
    cast(charges.charge_period_start as date) as usage_date,
    cast(coalesce(sum(charges.pricing_quantity), 0) as {{ decimal_type() }}) as quantity,
    cast(sum(charges.effective_cost) as {{ decimal_type() }}) as effective_cost
from {{ ref('charges') }} as charges
inner join {{ ref('storage_meters') }} as meters
    on
        charges.pricing_unit is not distinct from meters.unit
        and coalesce(charges.sku_meter, charges.charge_description) is not distinct from meters.meter
where
    charges.charge_category = 'Usage'
    and charges.resource_id is not null
    and {{ is_changed_partition(ref('partitions'), 'charges.partition_version') }}
group by
    charges.partition_id, charges.partition_version, charges.provider, charges.billing_currency,
    charges.billing_period, coalesce(charges.sub_account_id, charges.billing_account_id), charges.region_id,
    charges.resource_id, charges.sku_id, meters.meter, meters.unit, meters.is_stored,
    cast(charges.charge_period_start as date)
