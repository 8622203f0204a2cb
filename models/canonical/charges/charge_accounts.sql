{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('partitions')) }}",
) }}

select distinct
    partition_id,
    partition_version,
    provider,
    billing_account_id,
    coalesce(sub_account_id, billing_account_id) as account_id
from {{ ref('charges') }}
where {{ is_changed_partition(ref('partitions')) }}
