{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('partitions')) }}",
) }}

select
    partition_id,
    partition_version,
    billing_currency,
    cast(charge_period_start as date) as charge_date,
    count(*) as charge_count,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost
from {{ ref('charges') }}
where {{ is_changed_partition(ref('partitions')) }}
group by partition_id, partition_version, billing_currency, cast(charge_period_start as date)
