{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('record_partitions')) }}",
        "{{ narrow('files', 'file_id', ref('partition_files'), ref('record_partitions')) }}",
    ],
    post_hook="reset variable narrowed_files",
) }}

with

changed_files as (
    select * from {{ ref('partition_files') }}
    where {{ is_changed_partition(ref('record_partitions')) }}
)

{{ keyed_records(
    'usage_events', ref('usage_events'),
    key=['event_source', 'event_id'],
    payload=['event_type', 'account_id', 'data_schema', 'event_time', 'content'],
    period="cast(date_trunc('month', records.event_time) as date)",
    options={
        'revision': 'revision', 'preference': 'cast(not is_reconstructed as bigint)', 'has_faults': true,
    },
) }}
union all
{{ keyed_records(
    'invoices', ref('invoice_records'),
    key=['issuer', 'invoice_id', 'line_no'],
    payload=['content'],
    period='records.billing_period', currency='records.currency', amount='records.amount',
    options={
        'revised_together': ['issuer', 'invoice_id'], 'revision': 'revision', 'preference': 'preference',
        'has_faults': true,
    },
) }}
union all
{{ keyed_records(
    'kubernetes_pods', ref('stg_kubernetes__pods'),
    key=['files.feed', 'namespace', 'pod', 'node', 'usage_start'],
    payload=['usage_end', 'cpu_used_core_seconds', 'memory_used_byte_seconds', 'cpu_requested_core_seconds',
        'memory_requested_byte_seconds'],
    period='records.usage_date',
) }}
union all
{{ keyed_records(
    'kubernetes_volumes', ref('stg_kubernetes__volumes'),
    key=['files.feed', 'namespace', 'pod', 'volume_claim', 'volume', 'usage_start'],
    payload=['usage_end', 'capacity_byte_seconds', 'requested_byte_seconds', 'used_byte_seconds'],
    period='records.usage_date',
) }}
union all
{{ keyed_records(
    'kubernetes_nodes', ref('stg_kubernetes__nodes'),
    key=['files.feed', 'node', 'usage_start'],
    payload=['usage_end', 'labels'],
    period='records.usage_date',
) }}
union all
{{ keyed_records(
    'opencost_allocations', ref('stg_kubernetes__allocations'),
    key=['files.feed', 'cluster', 'allocation_name', 'node', 'namespace', 'controller', 'pod', 'container',
        'usage_start', 'usage_end'],
    payload=['total_cost', 'cpu_cost', 'memory_cost', 'volume_cost', 'network_cost'],
    period='records.usage_date', currency='records.currency', amount='records.total_cost',
) }}
