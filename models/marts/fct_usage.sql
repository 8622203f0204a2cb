{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(partitions_of('usage_events')) }}",
) }}

-- depends_on: {{ ref('usage_partitions') }}
select
    usage_id,
    meter_id,
    account_id,
    sku_id,
    billing_period,
    usage_start,
    usage_end,
    event_time,
    seconds_ahead as clock_seconds_ahead,
    quantity,
    quantity_measured,
    quantity_stderr,
    unit,
    measured_value,
    unmeasured_reason,
    dimensions,
    sampling_rate,
    is_late,
    is_reconstructed,
    event_source,
    event_id,
    event_type,
    landed_at,
    file_id,
    file_row,
    partition_id,
    partition_version
from {{ ref('usage') }}
where {{ is_changed_partition(partitions_of('usage_events')) }}
