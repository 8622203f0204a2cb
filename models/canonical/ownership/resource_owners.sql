{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('attribution_partitions')) }}",
        "{{ narrow('charges', 'charges_version', ref('attribution_partitions'), ref('attribution_partitions')) }}",
    ],
    post_hook="reset variable narrowed_charges",
) }}

select
    partition_id,
    partition_version,
    provider,
    coalesce(sub_account_id, billing_account_id) as account_id,
    resource_id,
    owner,
    product,
    billing_period,
    billing_currency,
    tag_set is not null as is_tagged,
    max(resource_name) as resource_name,
    min(charge_date) as first_date,
    max(charge_date) as last_date,
    count(*) as charge_count,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost,
    cast(sum(billed_cost_reporting) as {{ decimal_type() }}) as billed_cost_reporting
from {{ ref('attributed_charges') }}
where {{ is_changed_partition(ref('attribution_partitions'), 'charges_version', 'charges_version') }}
group by
    partition_id, partition_version, provider, coalesce(sub_account_id, billing_account_id), resource_id, owner,
    product, billing_period, billing_currency, tag_set is not null
