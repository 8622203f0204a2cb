{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook=[
        "{{ delete_stale_partitions(ref('partitions')) }}",
        "{{ narrow('files', 'file_id', ref('partition_files'), ref('partitions')) }}",
    ],
    post_hook="reset variable narrowed_files",
) }}

-- depends_on: {{ ref('gate_staging') }}
with

changed_files as (
    select * from {{ ref('partition_files') }}
    where holds = 'charges' and {{ is_changed_partition(ref('partitions')) }}
),

twins as (
    select * from {{ ref('charge_twins') }}
),

charges as (
    select
        charges.*,
        files.source,
        files.feed,
        files.delivery_id,
        files.partition_id,
        files.partition_version,
        coalesce(twins.ordinal, 1) as ordinal
    from {{ ref('charges_of_sources') }} as charges
    inner join changed_files as files
        on charges.file_id = files.file_id and charges.billing_period = files.billing_period
    left join twins
        on
            charges.file_id = twins.file_id
            and charges.file_row = twins.file_row
            and charges.charge_part = twins.charge_part
    where not coalesce(twins.is_duplicate, false)
)

select
    cast(md5(concat_ws('|', feed, charge_identity, charge_part, ordinal)) as uuid) as charge_id,
    * exclude (charge_identity, line_key, ordinal, invoice_detail_id),
    -- no part of it may be null: a charge without an invoice has no invoice detail
    coalesce(invoice_detail_id, 'trueup-' || md5(
        invoice_issuer || '|' || invoice_id || '|' || billing_account_id || '|' || billing_currency
        || '|' || billing_period_start || '|' || billing_period_end || '|' || charge_category
    )) as invoice_detail_id,
    invoice_id is null as is_provisional
from charges
