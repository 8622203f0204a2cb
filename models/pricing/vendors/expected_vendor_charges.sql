{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(pricing_partitions_of('payable')) }}",
        "{{ narrow('partitions', 'partition_version', ref('pricing_partitions'), pricing_partitions_of('payable')) }}",
        "{{ narrow('charges', 'charges_version', ref('pricing_partitions'), pricing_partitions_of('payable')) }}",
    ],
    post_hook=["reset variable narrowed_partitions", "reset variable narrowed_charges"],
) }}

-- depends_on: {{ ref('gate_pricing') }}
with

rated as (
    select * from {{ ref('priced_usage') }}
    where direction = 'payable'
),

charges as (
    select
        charges.*,
        partitions.partition_version as pricing_version
    from {{ ref('charge_prices') }} as charges
    inner join {{ ref('pricing_partitions') }} as partitions
        on charges.partition_version = partitions.charges_version
)

select
    charges.charge_id as expected_charge_id,
    charges.charge_id,
    cast(null as uuid) as usage_id,
    'payable' as direction,
    charges.provider as counterparty,
    coalesce(due.contract_id, fees.contract_id) as contract_id,
    due.contract_version,
    due.rate_card_id,
    due.rate_version,
    due.contract_discount,
    due.scope_id,
    due.window_start,
    due.local_at,
    charges.billing_account_id,
    coalesce(charges.sub_account_id, charges.billing_account_id) as account_id,
    charges.metered_resource_id as resource_id,
    charges.sku_id,
    charges.charge_kind,
    charges.billing_period,
    charges.charge_period_start,
    charges.charge_period_end,
    charges.quantity,
    charges.own_quantity,
    charges.pricing_quantity as provider_quantity,
    charges.pricing_unit as unit,
    case when charges.is_authoritative then 'own' else 'provider' end as quantity_source,
    case
        when due.amount is not null then due.price_source
        when fees.charge_id is not null then 'contract'
        when due.charge_id is null and charges.list_amount is not null then 'export_list'
    end as price_source,
    case
        when due.amount is not null and charges.is_authoritative then 'independent'
        when due.amount is not null or fees.charge_id is not null then 'rate_checked'
        when due.charge_id is null and charges.list_amount is not null then 'self_consistent'
        else 'none'
    end as assurance,
    case
        when due.charge_id is not null then due.amount
        when fees.charge_id is not null then fees.amount
        else charges.list_amount
    end as expected_amount,
    case
        when as_billed.charge_id is not null then as_billed.amount
        when due.charge_id is not null then due.amount
        when fees.charge_id is not null then fees.amount
        else charges.list_amount_as_billed
    end as amount_as_billed,
    coalesce(
        charges.metered_cause, case when as_billed.sku_id != due.sku_id then 'sku' end, charges.sku_cause, 'quantity'
    ) as deviation,
    charges.is_surplus,
    charges.contracted_amount,
    due.undiscounted_amount,
    coalesce(due.currency, fees.currency, charges.billing_currency) as currency,
    due.tier_detail,
    due.unpriced_quantity,
    case
        when due.charge_id is not null then due.unpriced_reason
        when charges.list_amount is null and fees.charge_id is null then reasons.reason
    end as unpriced_reason,
    charges.file_id,
    charges.file_row,
    charges.partition_id,
    charges.pricing_version as partition_version
from charges
left join rated as due on charges.charge_id = due.charge_id and not due.is_as_billed
left join rated as as_billed on charges.charge_id = as_billed.charge_id and as_billed.is_as_billed
left join {{ ref('unpriced_reasons') }} as reasons on charges.charge_kind = reasons.charge_kind
left join {{ ref('committed_charges') }} as fees on charges.charge_id = fees.charge_id
