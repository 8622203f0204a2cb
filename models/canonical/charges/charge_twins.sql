{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('partitions')) }}",
        "{{ narrow('files', 'file_id', ref('partition_files'), ref('partitions')) }}",
    ],
    post_hook="reset variable narrowed_files",
) }}

with

changed_files as (
    select * from {{ ref('partition_files') }}
    where holds = 'charges' and {{ is_changed_partition(ref('partitions')) }}
),

identified as (
    select
        charges.file_id,
        charges.file_row,
        charges.charge_part,
        charges.line_key,
        charges.charge_identity,
        charges.billing_period,
        charges.billing_currency,
        charges.billed_cost,
        charges.effective_cost,
        files.partition_id,
        files.partition_version,
        files.delivery_id
    from {{ ref('charges_of_sources') }} as charges
    inner join changed_files as files
        on charges.file_id = files.file_id and charges.billing_period = files.billing_period
),

repeated as (
    select charge_identity
    from identified
    group by charge_identity
    having count(*) > 1
),

twins as (
    select
        identified.*,
        -- without a line id of the provider, the n-th of a delivery is the same line as the n-th of another
        coalesce(identified.line_key, cast(row_number() over (
            partition by identified.partition_id, identified.charge_identity, identified.delivery_id
            order by identified.file_id, identified.file_row
        ) as varchar)) as line
    from identified
    inner join repeated on identified.charge_identity = repeated.charge_identity
),

numbered as materialized (
    select
        *,
        dense_rank() over (partition by partition_id, charge_identity order by line) as ordinal,
        row_number() over (
            partition by partition_id, charge_identity, line order by file_id, file_row
        ) > 1 as is_duplicate
    from twins
)

select
    file_id,
    file_row,
    charge_part,
    partition_id,
    partition_version,
    charge_identity,
    ordinal,
    is_duplicate,
    billed_cost,
    effective_cost,
    billing_period,
    billing_currency
from numbered

union all

-- a partition without twins is marked by a row of its own, so that it is not searched again
select distinct
    null as file_id,
    null as file_row,
    null as charge_part,
    partition_id,
    partition_version,
    null as charge_identity,
    null as ordinal,
    null as is_duplicate,
    null as billed_cost,
    null as effective_cost,
    null as billing_period,
    null as billing_currency
from changed_files
where partition_version not in (select numbered.partition_version from numbered)
