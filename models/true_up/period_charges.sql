{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('partitions')) }}",
) }}

-- depends_on: {{ ref('gate_canonical') }}
-- What the current deliveries charge, small enough to be compared with closed periods at every run.
select
    'payable' as direction,
    source,
    provider,
    billing_account_id,
    billing_period,
    charge_kind,
    billing_currency as currency,
    partition_id,
    partition_version,
    count(*) as charge_count,
    cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
    cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost,
    string_agg(distinct file_id, ', ' order by file_id) as files
from {{ ref('charges') }}
where {{ is_changed_partition(ref('partitions')) }}
group by
    source, provider, billing_account_id, billing_period, charge_kind, billing_currency, partition_id,
    partition_version
