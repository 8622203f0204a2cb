{{ config(
    materialized='incremental',
    incremental_strategy='append',
    pre_hook="{{ delete_stale_partitions(ref('partitions')) }}",
) }}

with

charges as (
    select * from {{ ref('charges') }}
    where {{ is_changed_partition(ref('partitions')) }}
),

profiles as (
    select
        partition_id,
        partition_version,
        source,
        feed,
        billing_period,
        provider,
        billing_currency,
        count(*) as charge_count,
        count(*) filter (where charge_part = 0) as row_count,
        cast(sum(billed_cost) as {{ decimal_type() }}) as billed_cost,
        cast(sum({{ stated_cost('source', 'feed') }}) as {{ decimal_type() }}) as stated_cost,
        cast(sum(effective_cost) as {{ decimal_type() }}) as effective_cost,
        count(*) filter (
            where billed_cost is null or effective_cost is null or list_cost is null or contracted_cost is null
        ) as charges_without_cost,
        count(*) filter (where charge_kind = 'unknown') as charges_of_unknown_kind,
        count(*) filter (where service_name is null or invoice_issuer is null) as charges_without_party,
        count(*) filter (where charge_period_end < charge_period_start) as charges_ending_before_start,
        count(*) - count(distinct charge_id) as charges_of_one_identity,
        count(*) filter (
            where abs(billed_cost) >= 1000000000 or abs(effective_cost) >= 1000000000
        ) as charges_out_of_range
    from charges
    group by partition_id, partition_version, source, feed, billing_period, provider, billing_currency
),

-- an Oracle reference names one line: with other content it is a second one
conflicts as (
    select
        partition_version,
        count(distinct charge_identity) as reference_count
    from {{ ref('charge_twins') }}
    where ordinal > 1 and starts_with(partition_id, 'oci_cost|')
    group by partition_version
)

select
    profiles.*,
    coalesce(conflicts.reference_count, 0) as references_in_conflict
from profiles
left join conflicts on profiles.partition_version = conflicts.partition_version
