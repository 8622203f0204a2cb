{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('partitions')) }}",
) }}

-- depends_on: {{ ref('gate_canonical') }}
with

charges as (
    select
        *,
        coalesce(sku_meter, charge_description) as meter
    from {{ ref('charges') }}
    where charge_category = 'Usage' and resource_id is not null and {{ is_changed_partition(ref('partitions')) }}
),

kinds as (
    select
        *,
        {{ is_stored('pricing_unit', "coalesce(meter, '')") }} as is_stored,
        {{ is_retrieved('meter') }} as is_retrieved
    from charges
)

select
    partition_id,
    partition_version,
    provider,
    billing_currency,
    billing_period,
    coalesce(sub_account_id, billing_account_id) as account_id,
    region_id,
    resource_id,
    sku_id,
    meter as tier,
    pricing_unit as unit,
    is_stored and not is_retrieved as is_stored,
    cast(charge_period_start as date) as usage_date,
    cast(coalesce(sum(pricing_quantity), 0) as {{ decimal_type() }}) as quantity,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
from kinds
where is_stored or is_retrieved
group by
    partition_id, partition_version, provider, billing_currency, billing_period,
    coalesce(sub_account_id, billing_account_id), region_id, resource_id, sku_id, meter, pricing_unit,
    is_stored and not is_retrieved, cast(charge_period_start as date)
