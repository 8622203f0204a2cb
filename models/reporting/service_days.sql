{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('partitions')) }}",
) }}

-- depends_on: {{ ref('gate_canonical') }}
-- What usage costs by the day, small enough to be judged anew at every run.
select
    partition_id,
    partition_version,
    provider,
    billing_currency,
    coalesce(sub_account_id, billing_account_id) as account_id,
    service_name,
    cast(charge_period_start as date) as usage_date,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost
from {{ ref('charges') }}
where charge_category = 'Usage' and {{ is_changed_partition(ref('partitions')) }}
group by
    partition_id, partition_version, provider, billing_currency, coalesce(sub_account_id, billing_account_id),
    service_name, cast(charge_period_start as date)
