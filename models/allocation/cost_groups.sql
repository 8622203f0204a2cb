{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('attribution_partitions')) }}",
        "{{ narrow('charges', 'charges_version', ref('attribution_partitions'), ref('attribution_partitions')) }}",
    ],
    post_hook="reset variable narrowed_charges",
) }}

-- depends_on: {{ ref('gate_attribution') }}
-- Charges as far as an allocation rule can tell them apart.
select
    partition_id,
    partition_version,
    billing_period,
    charge_date,
    billing_currency as currency,
    owner,
    product,
    cost_center,
    tenant,
    charge_category,
    service_name,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
from {{ ref('attributed_charges') }}
where {{ is_changed_partition(ref('attribution_partitions'), 'charges_version', 'charges_version') }}
group by
    partition_id, partition_version, billing_period, charge_date, billing_currency, owner, product, cost_center,
    tenant, charge_category, service_name
