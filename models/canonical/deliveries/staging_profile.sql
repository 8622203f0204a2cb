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
    where {{ is_changed_partition(ref('partitions')) }}
),

lines as (
    select
        file_id,
        cast(date_trunc('month', billing_period_start) as date) as billing_period,
        payer_account_id as account_id,
        currency,
        usage_start as starts_at,
        usage_end as ends_at
    from {{ ref('stg_aws_cur__line_items') }}
    union all
    select
        file_id,
        cast(date_trunc('month', billing_period_start) as date) as billing_period,
        billing_account_id,
        currency,
        usage_date as starts_at,
        usage_date + interval 1 day as ends_at
    from {{ ref('stg_azure_cost__charges') }}
    union all
    select
        file_id,
        billing_period,
        billing_account_id,
        currency,
        usage_start,
        usage_end
    from {{ ref('stg_gcp_billing__usage') }}
    union all
    select
        file_id,
        cast(date_trunc('month', usage_start) as date) as billing_period,
        tenancy_id,
        currency,
        usage_start,
        usage_end
    from {{ ref('stg_oci_cost__lines') }}
    union all
    select
        file_id,
        cast(date_trunc('month', billing_period_start) as date) as billing_period,
        billing_account_id,
        billing_currency,
        charge_period_start,
        charge_period_end
    from {{ ref('stg_focus__cost_and_usage') }}
)

select
    files.partition_id,
    files.partition_version,
    files.source,
    files.billing_period,
    count(lines.file_id) as row_count,
    count(lines.file_id) filter (where lines.account_id is null) as rows_without_account,
    count(*) filter (where lines.currency is null or length(lines.currency) != 3) as rows_with_odd_currency,
    count(*) filter (where lines.ends_at < lines.starts_at) as rows_ending_before_start,
    count(*) filter (
        where lines.starts_at < lines.billing_period - interval 3 day
        or lines.starts_at >= lines.billing_period + interval 1 month + interval 3 day
    ) as rows_outside_period
from changed_files as files
left join lines
    on files.file_id = lines.file_id and files.billing_period = lines.billing_period
where files.billing_period is not null
group by files.partition_id, files.partition_version, files.source, files.billing_period
