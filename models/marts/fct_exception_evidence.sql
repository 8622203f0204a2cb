{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('timed_partitions')) }}",
        "{{ narrow('months', 'partition_version', excepted_partitions(), excepted_partitions()) }}",
    ],
    post_hook="reset variable narrowed_months",
) }}

-- depends_on: {{ ref('reconciliation_diffs') }}
with

paths as (
    select
        file_id,
        min(path) as path
    from {{ ref('landed_files') }}
    group by file_id
)

select
    evidence.exception_id,
    evidence.diff_id,
    evidence.side,
    evidence.row_id,
    evidence.quantity,
    evidence.unit,
    evidence.amount,
    evidence.currency,
    evidence.contract_id,
    evidence.contract_version,
    evidence.rate_card_id,
    evidence.rate_version,
    evidence.file_id,
    paths.path,
    evidence.file_row,
    evidence.partition_id,
    evidence.partition_version
from {{ ref('exception_evidence') }} as evidence
left join paths on evidence.file_id = paths.file_id
