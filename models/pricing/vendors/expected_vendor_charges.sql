{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(pricing_partitions_of('payable')) }}",
        "{{ narrow('partitions', 'partition_version', ref('pricing_partitions'), pricing_partitions_of('payable')) }}",
    ],
    post_hook="reset variable narrowed_partitions",
) }}

-- depends_on: {{ ref('gate_pricing') }}
with

charges as (
    select
        charges.*,
        partitions.partition_version as pricing_version,
        charges.charge_kind in ('usage', 'commitment_negation') as has_public_rate,
        coalesce(charges.contracted_unit_price = charges.list_unit_price, false) as is_at_public_rate
    from {{ ref('charges') }} as charges
    inner join {{ ref('pricing_partitions') }} as partitions
        on charges.partition_version = partitions.charges_version
    where {{ is_changed_partition(pricing_partitions_of('payable'), 'charges.partition_version', 'charges_version') }}
),

priced as (
    select
        *,
        case when has_public_rate then {{ exact_product('list_unit_price', 'pricing_quantity') }} end as list_amount,
        case
            when not (has_public_rate and is_at_public_rate)
                then {{ exact_product('contracted_unit_price', 'pricing_quantity') }}
        end as other_amount
    from charges
)

select
    charges.charge_id as expected_charge_id,
    charges.charge_id,
    'payable' as direction,
    charges.provider as counterparty,
    coalesce(rated.contract_id, fees.contract_id) as contract_id,
    rated.contract_version,
    rated.rate_card_id,
    rated.rate_version,
    rated.contract_discount,
    rated.scope_id,
    rated.window_start,
    rated.local_at,
    charges.billing_account_id,
    coalesce(charges.sub_account_id, charges.billing_account_id) as account_id,
    charges.sku_id,
    charges.charge_kind,
    charges.billing_period,
    charges.charge_period_start,
    charges.charge_period_end,
    charges.pricing_quantity as quantity,
    charges.pricing_quantity as provider_quantity,
    charges.pricing_unit as unit,
    'provider' as quantity_source,
    case
        when rated.amount is not null then rated.price_source
        when fees.charge_id is not null then 'contract'
        when rated.charge_id is null and charges.list_amount is not null then 'export_list'
    end as price_source,
    case
        when rated.amount is not null or fees.charge_id is not null then 'rate_checked'
        when rated.charge_id is null and charges.list_amount is not null then 'self_consistent'
        else 'none'
    end as assurance,
    case
        when rated.charge_id is not null then rated.amount
        when fees.charge_id is not null then fees.amount
        when charges.charge_kind = 'commitment_negation' then -charges.list_amount
        else charges.list_amount
    end as expected_amount,
    -- what the provider says it charged, before its own rounding
    coalesce(charges.other_amount, case when charges.is_at_public_rate then charges.list_amount end)
        as contracted_amount,
    rated.undiscounted_amount,
    coalesce(rated.currency, fees.currency, charges.billing_currency) as currency,
    rated.tier_detail,
    rated.unpriced_quantity,
    case
        when rated.charge_id is not null then rated.unpriced_reason
        when charges.list_amount is null and fees.charge_id is null then reasons.reason
    end as unpriced_reason,
    charges.file_id,
    charges.file_row,
    charges.partition_id,
    charges.pricing_version as partition_version
from priced as charges
left join {{ ref('priced_usage') }} as rated on charges.charge_id = rated.charge_id
left join {{ ref('unpriced_reasons') }} as reasons on charges.charge_kind = reasons.charge_kind
left join {{ ref('committed_charges') }} as fees on charges.charge_id = fees.charge_id
