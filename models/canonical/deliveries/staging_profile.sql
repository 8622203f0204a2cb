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
    where holds = 'charges' and billing_period is not null and {{ is_changed_partition(ref('partitions')) }}
),

lines as (
    select * from {{ ref('charges_of_sources') }}
    where charge_part = 0
),

currencies as (
    select * from {{ ref('currencies') }}
)

select
    files.partition_id,
    files.partition_version,
    files.source,
    files.billing_period,
    count(lines.file_id) as row_count,
    count(lines.file_id) filter (where lines.billing_account_id is null) as rows_without_account,
    count(lines.file_id) filter (where currencies.currency is null) as rows_with_odd_currency,
    count(*) filter (where lines.charge_period_end < lines.charge_period_start) as rows_ending_before_start,
    count(*) filter (
        where lines.charge_period_start < lines.billing_period - interval 3 day
        or lines.charge_period_start >= lines.billing_period + interval 1 month + interval 3 day
    ) as rows_outside_period,
    count(*) filter (
        where starts_with(files.source, 'aws_cur') and not regexp_full_match(lines.billing_account_id, '[0-9]{12}')
    ) as aws_payers_not_of_12_digits,
    count(*) filter (
        where files.source = 'azure_cost' and lines.charge_kind = 'usage' and lines.sub_account_id is null
    ) as azure_usage_without_subscription,
    -- an invoice month is a Pacific one: it ends eight hours later than the UTC month
    count(*) filter (
        where files.source = 'gcp_billing'
        and lines.charge_period_start >= lines.billing_period + interval 1 month + interval 8 hour
    ) as gcp_usage_after_invoice_month,
    count(lines.file_id) filter (where files.source = 'oci_cost' and lines.line_key is null)
        as oci_lines_without_reference
from changed_files as files
left join lines
    on files.file_id = lines.file_id and files.billing_period = lines.billing_period
left join currencies on lines.billing_currency = currencies.currency
group by files.partition_id, files.partition_version, files.source, files.billing_period
