{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('partitions')) }}",
) }}

with

charges as (
    select
        *,
        -- fees, taxes and credits of a month stand on its first day and say nothing about that day
        charge_kind in ('usage', 'amortisation') as is_usage
    from {{ ref('charges') }}
    where {{ is_changed_partition(ref('partitions')) }}
)

select
    partition_id,
    partition_version,
    source,
    feed,
    billing_period,
    delivery_id,
    provider,
    billing_account_id,
    billing_currency,
    date_trunc('hour', charge_period_start) as charge_hour,
    count(*) as charge_count,
    count(*) filter (where is_usage) as usage_count,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost,
    cast(coalesce(sum(billed_cost) filter (where is_usage), 0) as {{ decimal_type() }}) as usage_cost
from charges
group by
    partition_id, partition_version, source, feed, billing_period, delivery_id, provider, billing_account_id,
    billing_currency, date_trunc('hour', charge_period_start)
